"""Bring a file from the network, because a person asked for it."""

import urllib.error
import urllib.request
from http.client import HTTPException

from showroom.errors import ShowroomError

_SECONDS = 30
_BLOCK = 1024**2


def fetch(url: str, *, most: int) -> bytes:
    """The content of an address, or why it could not be had."""
    if not url.startswith(("https://", "http://")):
        raise ShowroomError(f"{url} is no web address; give a file by --file.")
    content = bytearray()
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as answer:  # noqa: S310
            while block := answer.read(_BLOCK):
                content += block
                if len(content) > most:
                    raise ShowroomError(f"{url} sends more than {most // 2**20} MB.")
    except urllib.error.HTTPError as error:
        raise ShowroomError(f"{url} answered {error.code} {error.reason}.") from error
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise ShowroomError(f"{url} cannot be reached: {reason}.") from error
    return bytes(content)
