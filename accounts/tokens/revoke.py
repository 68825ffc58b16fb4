"""Have a token open nothing any more."""

from datetime import datetime

from accounts.models import Token


def revoke(token: Token, at: datetime) -> bool:
    """Whether it was not revoked before."""
    still = Token.objects.filter(pk=token.pk, revoked_at=None)
    return still.update(revoked_at=at) == 1
