"""Whether hosts answer: names and all their addresses at once, by one deadline.

The names of a family are looked up apart from those of the other: a resolver that has
no answer for IPv6 must not hide a live IPv4. Nothing can stop a look-up that hangs, so
each has a thread, which ends with the process.
"""

import resource
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from itertools import product
from typing import Any, Protocol

from monitor.models import Check
from monitor.probes.knock import Attempt, Verdict, knock
from monitor.probes.reading import Reading

# What starting threads and telling of it takes besides.
AFTER = 0.3
# Files that a look at one family may have open: addresses, and the resolver's.
_A_SIDE = 8

FAMILIES = {"IPv4": socket.AF_INET, "IPv6": socket.AF_INET6}
# The name is known, and has no address of this family.
_NONE_SUCH = {socket.EAI_NONAME, socket.EAI_NODATA, socket.EAI_ADDRFAMILY}

Resolve = Callable[..., Sequence[tuple[Any, ...]]]


class Host(Protocol):
    """A host as the configuration has it."""

    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def port(self) -> int: ...


# As people are told: who is silent may just be switched off.
SHOWN = {verdict: str(verdict) for verdict in Verdict} | {Verdict.TIMED_OUT: "offline"}


@dataclass
class _Side:
    """One family of a host."""

    host: Host
    family: str
    # None until the resolver has answered.
    attempts: list[Attempt] | None = None
    absent: bool = False
    words: str = ""
    took: float | None = None
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def verdict(self) -> Verdict:
        tried = {attempt.verdict for attempt in self.attempts or ()}
        return next((one for one in Verdict if one in tried), Verdict.DNS_FAILED)


def slug(host: Host) -> str:
    """What its check is called."""
    return f"host-{host.name}"


def look(
    hosts: Iterable[Host], deadline: float, resolve: Resolve = socket.getaddrinfo
) -> Iterator[tuple[str, Reading]]:
    """Look at all hosts side by side; each has its reading when the time is up."""
    end = time.monotonic() + deadline
    sides = [_Side(host, family) for host, family in product(hosts, FAMILIES)]
    _open_files(_A_SIDE * len(sides))
    for side in sides:
        work = threading.Thread(target=_look, args=[side, end, resolve], daemon=True)
        work.start()
    for ipv4, ipv6 in zip(sides[::2], sides[1::2], strict=True):
        for side in (ipv4, ipv6):
            side.done.wait(max(0.0, end - time.monotonic()))
        yield slug(ipv4.host), _reading(ipv4, ipv6, deadline)


def _open_files(wanted: int) -> None:
    """Let this process open more files than shells allow, where it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted <= hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _look(side: _Side, end: float, resolve: Resolve) -> None:
    begun = time.monotonic()
    try:
        targets = _addresses(side, resolve)
        if targets:
            knock(FAMILIES[side.family], targets, end)
    finally:
        side.took = round(time.monotonic() - begun, 4)
        side.done.set()


def _addresses(side: _Side, resolve: Resolve) -> list[tuple[Attempt, Any]]:
    """Ask for the addresses of this family; failing that, say why there are none."""
    name = side.host.address.strip("[]")
    version = _version(name)
    if version and version != side.family:
        side.absent = True
        return []
    kind, stream = FAMILIES[side.family], socket.SOCK_STREAM
    try:
        found = resolve(name, side.host.port, kind, stream)
    except (OSError, UnicodeError) as error:
        side.words = getattr(error, "strerror", None) or str(error)
        side.absent = not version and getattr(error, "errno", None) in _NONE_SUCH
        if version:  # its zone is none of this machine's
            side.attempts = [Attempt(name, Verdict.NO_ROUTE, words=side.words)]
        return []
    targets = {target: Attempt(_written(target)) for *_, target in found}
    side.attempts = list(targets.values())
    return [(attempt, target) for target, attempt in targets.items()]


def _version(name: str) -> str:
    """Of which family a literal address is; empty for a name."""
    try:
        return f"IPv{ip_address(name).version}"
    except ValueError:
        return ""


def _written(target: tuple[Any, ...]) -> str:
    address, _, *rest = target
    zone = rest[1] if rest else 0
    if not zone or "%" in address:
        return str(address)
    try:
        return f"{address}%{socket.if_indextoname(zone)}"
    except OSError:
        return f"{address}%{zone}"


def _reading(ipv4: _Side, ipv6: _Side, deadline: float) -> Reading:
    sides = [side for side in (ipv4, ipv6) if not side.absent] or [ipv4, ipv6]
    verdicts = {side.family: side.verdict for side in sides}
    is_up = Verdict.UP in verdicts.values()
    detail = {
        "address": ipv4.host.address,
        "port": ipv4.host.port,
        "families": {side.family: _told(side, deadline) for side in sides},
    }
    state = Check.State.UP if is_up else Check.State.DOWN
    took = max(deadline if side.took is None else side.took for side in sides)
    return Reading(state, _summary(verdicts), detail, took)


def _summary(verdicts: dict[str, Verdict]) -> str:
    if Verdict.UP in verdicts.values():
        dead = [family for family, one in verdicts.items() if one != Verdict.UP]
        return ", ".join(["up", *(f"{family} down" for family in dead)])
    if len(set(verdicts.values())) == 1:
        return SHOWN[next(iter(verdicts.values()))]
    return ", ".join(f"{family} {SHOWN[one]}" for family, one in verdicts.items())


def _told(side: _Side, deadline: float) -> dict[str, Any]:
    """A family as its page shows it."""
    words = side.words
    if side.attempts is None and not words:
        words = f"The resolver did not answer within {deadline:g} s."
    return {
        "verdict": str(side.verdict),
        "words": words,
        "addresses": [
            {
                "address": attempt.address,
                "verdict": str(attempt.verdict),
                "ms": attempt.ms,
                "words": attempt.words,
            }
            for attempt in side.attempts or ()
        ],
    }
