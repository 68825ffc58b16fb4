"""Connect to many addresses at once, and see how each answers."""

import os
import selectors
import socket
import time
from dataclasses import dataclass
from enum import StrEnum
from errno import EAFNOSUPPORT, ECONNREFUSED, ECONNRESET, EINPROGRESS, ETIMEDOUT
from typing import Any


class Verdict(StrEnum):
    """How a family of addresses answers; the best of several stands for all."""

    UP = "up"
    REFUSED = "refused"
    TIMED_OUT = "timed out"
    NO_ROUTE = "no route"
    DNS_FAILED = "DNS failed"


@dataclass
class Attempt:
    """One address, and how it answered."""

    address: str
    verdict: Verdict = Verdict.TIMED_OUT
    ms: float | None = None
    words: str = ""


def knock(family: int, targets: list[tuple[Attempt, Any]], end: float) -> None:
    """Knock at all addresses of a family at once; who is silent stays timed out."""
    begun = time.monotonic()
    with selectors.PollSelector() as selector:
        try:
            for attempt, target in targets:
                _try(selector, family, attempt, target)
            while selector.get_map() and (left := end - time.monotonic()) > 0:
                for key, _ in selector.select(left):
                    selector.unregister(key.fileobj)
                    knocking, attempt = key.data
                    code = knocking.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                    _answered(attempt, code, begun)
                    knocking.close()
        finally:
            for key in list(selector.get_map().values()):
                key.data[0].close()


def _try(
    selector: selectors.BaseSelector, family: int, attempt: Attempt, target: Any
) -> None:
    begun = time.monotonic()
    try:
        knocking = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:  # this machine has no such family
        _answered(attempt, error.errno or EAFNOSUPPORT, begun)
        return
    knocking.settimeout(0)
    code = knocking.connect_ex(target)
    if code == EINPROGRESS:
        selector.register(knocking, selectors.EVENT_WRITE, (knocking, attempt))
    else:
        _answered(attempt, code, begun)
        knocking.close()


def _answered(attempt: Attempt, code: int, begun: float) -> None:
    attempt.ms = round((time.monotonic() - begun) * 1000, 2)
    attempt.words = os.strerror(code) if code else ""
    if not code:
        attempt.verdict = Verdict.UP
    elif code in (ECONNREFUSED, ECONNRESET):
        attempt.verdict = Verdict.REFUSED
    elif code != ETIMEDOUT:
        attempt.verdict = Verdict.NO_ROUTE
