"""Try a connection step by step, and tell how each went."""

from collections.abc import Iterator
from typing import NamedTuple

from dispatch.models import Schedule
from pulsar_ml.errors import DatabaseFault
from registry.connections import ask

# Somebody waits before a page.
SECONDS = 15


class Step(NamedTuple):
    """One step: it went well, it did not, or that could not be told."""

    name: str
    ok: bool | None
    words: str
    seconds: float | None


def look(name: str) -> list[Step]:
    """Every step that was taken; the last says why there are no more."""
    steps: list[Step] = []
    try:
        steps.extend(_taken(name))
    except DatabaseFault as fault:
        # What a step has said of itself is not said again.
        if not steps or steps[-1].ok is not False:
            steps.append(Step("Stopped", ok=False, words=str(fault), seconds=None))
    return steps


def _taken(name: str) -> Iterator[Step]:
    order = {"verb": "look", "table": _table(name)}
    for told in ask.ask(name, order, beat=ask.within(SECONDS)):
        if "step" in told:
            yield Step(told["step"], told["ok"], told["words"], told["seconds"])


def _table(name: str) -> str:
    """A table that some schedule reads there: may that be read, is what counts."""
    for schedule in Schedule.objects.live():
        source = schedule.source
        if source.get("connection") == name and source.get("table"):
            return str(source["table"])
    return ""
