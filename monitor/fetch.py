"""Bring a file from the network, because a person asked for it."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

# A server that says nothing for so long is given up; and one that drips.
_SILENT_SECONDS = 20
_MOST_SECONDS = 3600
_BLOCK = 256 * 1024
_WEB = ("http", "https")

# Is told how many bytes have come, of how many; 0 where the server does not say.
Seen = Callable[[int, int], None]


class NotFetched(Exception):
    """The file could not be had; the message says why."""


def fetch(
    url: str, to: Path, *, most: int, seen: Seen = lambda _done, _of: None
) -> None:
    """Write the content of an address into a file; if that fails nothing stays."""
    if not _is_web(url):
        raise NotFetched(f"{url} is no web address; give a file by --file.")
    try:
        _write(url, to, most, seen)
    except BaseException:
        to.unlink(missing_ok=True)
        raise


def _is_web(url: str) -> bool:
    try:
        return urlsplit(url).scheme.lower() in _WEB
    except ValueError:
        return False


def _write(url: str, to: Path, most: int, seen: Seen) -> None:
    with _open(url) as answer, to.open("wb") as file:
        length = answer.headers.get("Content-Length", "")
        of = int(length) if length.isdecimal() else 0
        if of > most:
            raise _too_much(url, most)
        for block in _blocks(url, answer):
            file.write(block)
            if file.tell() > most:
                raise _too_much(url, most)
            seen(file.tell(), of)
        if file.tell() < of:
            raise NotFetched(f"{url} broke off after {file.tell():,} of {of:,} bytes.")


def _open(url: str) -> HTTPResponse:
    try:
        answer: HTTPResponse = _OPENER.open(url, timeout=_SILENT_SECONDS)
    except urllib.error.HTTPError as error:
        with error:
            reason = f"{url} answered {error.code} {error.reason}."
        raise NotFetched(reason) from error
    except (OSError, HTTPException, ValueError) as error:
        raise _unreachable(url, error) from error
    return answer


def _blocks(url: str, answer: HTTPResponse) -> Iterator[bytes]:
    until = time.monotonic() + _MOST_SECONDS
    while time.monotonic() < until:
        try:
            # What has come, however little: a whole block of a slow server takes long.
            block = answer.read1(_BLOCK)
        except (OSError, HTTPException, ValueError) as error:
            raise _unreachable(url, error) from error
        if not block:
            return
        yield block
    raise NotFetched(f"{url} is too slow: it took more than an hour.")


def _unreachable(url: str, error: Exception) -> NotFetched:
    reason = getattr(error, "reason", "") or error
    if isinstance(reason, TimeoutError):
        return NotFetched(f"{url} did not answer within {_SILENT_SECONDS} s.")
    return NotFetched(f"{url} cannot be reached: {reason}.")


def _too_much(url: str, most: int) -> NotFetched:
    return NotFetched(f"{url} sends more than {most // 2**20} MB.")


class _WithinTheWeb(urllib.request.HTTPRedirectHandler):
    """Goes where a server points, but to no file of this machine."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if not _is_web(newurl):
            raise NotFetched(f"{req.full_url} leads to {newurl}, which is not the web.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    """One that knows the web alone: no files, no FTP."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
        _WithinTheWeb(),
    ):
        opener.add_handler(handler)
    return opener


_OPENER = _opener()
