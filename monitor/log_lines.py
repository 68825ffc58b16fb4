"""All that the log has of something, line by line, for other programs."""

import itertools
import json
from collections.abc import Iterable, Iterator
from datetime import tzinfo
from typing import NamedTuple

from monitor import history, people
from monitor.models import Happening


class LogLost(Exception):
    """The log went away in the middle: the download breaks off, and is seen to."""


class Named(NamedTuple):
    """An event, whether it is still on its way, and the name of whoever did it."""

    event: Happening
    is_waiting: bool
    name: str


def pages(wanted: history.Wanted) -> Iterator[history.Page] | None:
    """Page after page; None where the log does not answer."""
    rest = history.walk(wanted)
    first = next(rest)
    return itertools.chain([first], rest) if first.reachable else None


def lines(pages: Iterable[history.Page]) -> Iterator[Named]:
    """One after the other; raises LogLost."""
    for page in pages:
        if not page.reachable:
            raise LogLost
        names = people.names(line.event for line in page.lines)
        for event, place in page.lines:
            yield Named(event, place.waiting, names.get(event.who, ""))


def table(lines: Iterable[Named], zone: tzinfo) -> Iterator[list[str]]:
    """The same as rows of text, with the times of a zone."""
    yield ["at", "kind", "about", "who", "name", "detail", "request_id", "state"]
    for event, is_waiting, name in lines:
        yield [
            event.at.astimezone(zone).isoformat(),
            event.kind,
            event.about,
            event.who,
            name,
            json.dumps(event.detail, ensure_ascii=False),
            event.request_id,
            "on its way" if is_waiting else "logged",
        ]
