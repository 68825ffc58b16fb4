"""Find the token of a key; what changes about it is known within a second."""

import time
from datetime import datetime, timedelta
from functools import lru_cache

from django.db.models import Q

from accounts.models import Token
from accounts.tokens.make import READ, WRITE, digest

SECONDS = 1.0
_MINUTE = timedelta(minutes=1)


def is_key(text: str) -> bool:
    """Whether this is meant to be one of ours."""
    return text.startswith((READ, WRITE))


def find(key: str, at: datetime) -> Token | None:
    """The token that this key opens with; None if it opens nothing."""
    token = _known(digest(key), int(time.monotonic() / SECONDS))
    if token is None or not token.holds(at):
        return None
    _note(token, at)
    return token


@lru_cache(maxsize=1024)
def _known(key_sha256: str, _second: int) -> Token | None:
    return Token.objects.select_related("user").filter(key_sha256=key_sha256).first()


def _note(token: Token, at: datetime) -> None:
    """Keep when it was used last, not at each of a thousand requests."""
    if token.last_used_at and at - token.last_used_at < _MINUTE:
        return
    token.last_used_at = at
    long_ago = Q(last_used_at=None) | Q(last_used_at__lte=at - _MINUTE)
    Token.objects.filter(long_ago, pk=token.pk).update(last_used_at=at)
