"""Tokens made and revoked, with the event log beside them."""

from django.db import transaction
from django.utils.timezone import now

from accounts.models import Token, User
from accounts.tokens import make
from accounts.tokens import revoke as revoking
from accounts.tokens.make import Made
from monitor.events import record


def create(
    user: User, *, name: str, read_only: bool, days: int | None, by: User | None
) -> Made:
    """Make one for this person, and tell its key."""
    with transaction.atomic():
        made = make.make(user, name=name, read_only=read_only, days=days, at=now())
        record(
            "token.created",
            about=str(made.token),
            who=by,
            of=user.pk,
            read_only=read_only,
            ends=made.token.expires_at,
        )
    return made


def revoke(token: Token, *, by: User | None) -> None:
    """Have it open nothing any more; again, that says nothing new."""
    with transaction.atomic():
        if revoking.revoke(token, now()):
            record("token.revoked", about=str(token), who=by, of=token.user_id)
