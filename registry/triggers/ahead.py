"""When a trigger of the clock would fire: in words, and its next moments."""

from datetime import datetime
from typing import NamedTuple

from monitor.clock.cron import BadCron, Occurrence, check, clock_zone, upcoming, words


class Ahead(NamedTuple):
    """Words and next moments, or what is wrong with the times."""

    words: str = ""
    slots: tuple[Occurrence, ...] = ()
    problem: str = ""


def ahead(cron: object, at: datetime) -> Ahead:
    """What follows from the five fields as they stand."""
    try:
        checked = check(str(cron or ""))
    except BadCron as error:
        return Ahead(problem=str(error))
    return Ahead(words(checked), tuple(upcoming(checked, at, clock_zone())))
