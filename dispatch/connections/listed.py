"""What stands on the page of connections."""

from collections import defaultdict
from typing import Any, NamedTuple

from dispatch.models import Schedule
from registry.connections import configured
from registry.connections.configured import Connection


class Listed(NamedTuple):
    """A connection, and the schedules that read or write it."""

    connection: Connection
    readers: list[Schedule]
    writers: list[Schedule]


def listed() -> list[Listed]:
    """All of them, as they stand in config.yaml."""
    readers, writers = _used("source"), _used("sink")
    return [
        Listed(configured.find(name), readers[name], writers[name])
        for name in configured.names()
    ]


def _used(what: str) -> dict[str, list[Schedule]]:
    found: dict[str, list[Schedule]] = defaultdict(list)
    for schedule in Schedule.objects.live():
        settings: dict[str, Any] = getattr(schedule, what)
        if isinstance(settings, dict) and settings.get("connection"):
            found[settings["connection"]].append(schedule)
    return found
