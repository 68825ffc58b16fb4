"""People, as answers name them."""

from accounts.models import User


def name_of(user: User | None) -> str | None:
    """By their user name; whoever has been erased is nobody."""
    return user.get_username() if user else None
