"""What a schedule does, for people: from where, to where, by which version."""

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


def tell(schedule: Schedule) -> Told:
    """All of it; a folder that is away is a problem, and no error."""
    problems: list[str] = []
    source = sink = ""
    try:
        plan = sources.of(schedule.source)
        source = plan.words()
        problems += plan.check()
        goal = sinks.of(schedule.sink)
        sink = goal.words()
        problems += goal.check(plan)
    except DispatchError as error:
        problems.append(str(error))
    waits = tuple(map(schedule.retry_after, range(schedule.retries)))
    try:
        version = serving.find(schedule.reference)
    except RegistryError as error:
        return Told(source, sink, None, waits, [*problems, str(error)])
    return Told(source, sink, version, waits, problems)
