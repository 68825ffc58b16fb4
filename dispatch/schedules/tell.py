"""What a schedule does, for people: from where, to where, by which version."""

from contextlib import suppress
from datetime import timedelta
from typing import NamedTuple

from dispatch import sinks, sources
from dispatch.errors import DispatchError
from dispatch.models import Schedule
from registry import serving
from registry.errors import RegistryError
from registry.models import Version


class Told(NamedTuple):
    """The settings of a schedule in words, and what is wrong with them now."""

    source: str
    sink: str
    version: Version | None
    waits: tuple[timedelta, ...]
    problems: list[str]


def problems(schedule: Schedule) -> list[str]:
    """What is wrong with its source and its sink at this moment."""
    try:
        source = sources.of(schedule.source)
        return source.check() + sinks.of(schedule.sink).check(source)
    except DispatchError as error:
        return [str(error)]


def tell(schedule: Schedule) -> Told:
    """All of it; a folder that is away is a problem, and no error."""
    found = problems(schedule)
    source = sink = ""
    with suppress(DispatchError):
        source = sources.of(schedule.source).words()
        sink = sinks.of(schedule.sink).words()
    waits = tuple(map(schedule.retry_after, range(schedule.retries)))
    try:
        version = serving.find(schedule.reference)
    except RegistryError as error:
        return Told(source, sink, None, waits, [*found, str(error)])
    return Told(source, sink, version, waits, found)
