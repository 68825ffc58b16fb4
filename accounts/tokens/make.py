"""Make a token; its key is told once, and kept nowhere."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from accounts.models import Token, User

# By these a key is known wherever it turns up, and what it opens.
READ, WRITE = "psr_", "psw_"
_BYTES = 32
_SHOWN = 10


class Made(NamedTuple):
    """A token, and the key that opens with it."""

    token: Token
    key: str


def make(
    user: User, *, name: str, read_only: bool, at: datetime, days: int | None = None
) -> Made:
    """Make one that ends after so many days, or when somebody revokes it."""
    key = f"{READ if read_only else WRITE}{secrets.token_urlsafe(_BYTES)}"
    token = Token.objects.create(
        user=user,
        name=name,
        key_sha256=digest(key),
        hint=key[:_SHOWN],
        read_only=read_only,
        expires_at=at + timedelta(days=days) if days else None,
    )
    return Made(token, key)


def digest(key: str) -> str:
    """What is kept of a key: too long to be guessed, it needs no slow hash."""
    return sha256(key.encode()).hexdigest()
