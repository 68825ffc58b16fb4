"""The log-ins of a person."""

from django.contrib.sessions.models import Session

from accounts.models import User


def sessions(user: User) -> list[Session]:
    """Those that last; whose they are stands only inside of each."""
    wanted = str(user.pk)
    return [
        session
        for session in Session.objects.iterator(chunk_size=1000)
        if session.get_decoded().get("_auth_user_id") == wanted
    ]
