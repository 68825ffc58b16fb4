"""What others say of a failure, without the passwords that may stand in it."""

from collections.abc import Iterator
from urllib.parse import quote, urlsplit

from django.conf import settings

LONGEST = 300
HIDDEN = "***"


def words(error: BaseException) -> str:
    """An error in its own words, on one line."""
    said = " ".join(" ".join(map(str, error.args)).split())
    return scrub(said or type(error).__name__)[:LONGEST]


def scrub(text: str) -> str:
    """The text without any password of the site."""
    # The longest first: one may be a part of another.
    for password in sorted(set(_passwords()), key=len, reverse=True):
        text = text.replace(password, HIDDEN)
    return text


def _passwords() -> Iterator[str]:
    given = [database.get("PASSWORD") for database in settings.DATABASES.values()]
    given.append(settings.EMAIL_HOST_PASSWORD)
    given += settings.CONNECTION_PASSWORDS.values()
    # In an address it is written otherwise.
    given.append(urlsplit(settings.CELERY["broker_url"]).password)
    for password in filter(None, given):
        yield from (password, quote(password, safe=""))
