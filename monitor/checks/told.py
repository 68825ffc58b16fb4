"""What a reading found, as people read it: steps, families of addresses, facts."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.template.defaultfilters import filesizeformat
from django.utils.safestring import SafeString

from accounts.templatetags.times import NOTHING, duration, grouped, moment
from monitor.models import Check

# Shown by the page in another way, or kept for the next look.
_ELSEWHERE = {
    *("steps", "families", "processor", "usual", "too_frequent"),
    *("workers", "queues"),
}
_BYTES = {"total", "free", "available", "reserve", "rss", "growth_per_day"}
_SHARES = {"used", "cpu", "share", "null_share", "reject_share"}
_SECONDS = {"uptime", "age", "last_ping_age", "duration"}
# Names of things, and no counts.
_PLAIN = {"pid", "port"}
_AS_SHOWN = {"cpu": "processor", "rss": "memory", "pid": "process", "root": "folder"}
# What the look found, as people say it: who is silent may just be switched off.
_SHOWN = {"timed out": "offline"}


class Step(NamedTuple):
    """One thing a look did, how long that took, and what went wrong."""

    name: str
    seconds: float | None
    error: str


class Family(NamedTuple):
    """The addresses of one kind, and the best verdict among them."""

    name: str
    verdict: str
    shown: str
    words: str
    addresses: list[dict[str, Any]]


class Worker(NamedTuple):
    """One worker, and when it was last heard of."""

    name: str
    queues: str
    last_ping: datetime
    lives: bool


class Told(NamedTuple):
    """A reading without its JSON."""

    steps: list[Step]
    families: list[Family]
    workers: list[Worker]
    queues: dict[str, dict[str, int]]
    facts: list[tuple[str, str]]


def told(check: Check) -> Told:
    """All that the reading's detail holds."""
    detail = check.detail if isinstance(check.detail, dict) else {}
    steps = [
        Step(step["step"], step["seconds"], step["error"])
        for step in detail.get("steps", ())
    ]
    rest = {key: value for key, value in detail.items() if key not in _ELSEWHERE}
    return Told(
        steps,
        families(check),
        [_worker(one) for one in detail.get("workers", ())],
        detail.get("queues", {}),
        list(_facts(rest)),
    )


def _worker(found: dict[str, Any]) -> Worker:
    last = datetime.fromisoformat(found["last_ping"])
    return Worker(found["name"], ", ".join(found["queues"]), last, found["lives"])


def families(check: Check) -> list[Family]:
    """The verdict per family of a host; nothing of what is none."""
    found = check.detail.get("families", {}) if isinstance(check.detail, dict) else {}
    return [
        Family(
            name,
            one["verdict"],
            _shown(one),
            one["words"],
            [address | {"shown": _shown(address)} for address in one["addresses"]],
        )
        for name, one in found.items()
    ]


def _shown(found: dict[str, Any]) -> str:
    verdict: str = found["verdict"]
    return _SHOWN.get(verdict, verdict)


def _facts(values: dict[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """Names and values, one level after the other."""
    for key, value in values.items():
        name = f"{within} {_AS_SHOWN.get(key, key)}".strip().replace("_", " ")
        if isinstance(value, dict):
            yield from _facts(value, name)
        else:
            yield name, _words(key, value)


def _words(key: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_words(key, one) for one in value) or NOTHING
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number(key, value)
    return _time(str(value))


def _number(key: str, value: float) -> str:
    if key in _PLAIN:
        return str(value)
    if key in _BYTES:
        size = filesizeformat(abs(value))
        return f"-{size}" if value < 0 else size
    if key in _SHARES:
        return f"{100 * value:.0f}\N{NO-BREAK SPACE}%"
    if key in _SECONDS or key.endswith("_seconds"):
        return duration(float(value))
    return grouped(value) if isinstance(value, int) else f"{value:.4g}"


def _time(text: str) -> str | SafeString:
    """A moment in the viewer's zone; any other text as it is."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment(at) if at.tzinfo else text
