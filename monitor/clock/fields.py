"""The five fields of a cron line: what may stand in them, as Debian's cron has it."""

import re
from datetime import UTC, datetime
from typing import NamedTuple

from cronsim import CronSim, CronSimError

LONGEST = 120  # characters, as many as a Job has room for


class BadCron(Exception):
    """These are not five fields of cron. The message is meant for who wrote them."""


class Field(NamedTuple):
    """One of the five fields, and what may stand in it."""

    place: str
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"the {self.place} field, {self.name}"


MONTHS = tuple("jan feb mar apr may jun jul aug sep oct nov dec".split())  # noqa: SIM905  # read as one line
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
FIELDS = (
    Field("first", "minutes", 0, 59),
    Field("second", "hours", 0, 23),
    Field("third", "days of the month", 1, 31),
    Field("fourth", "months", 1, 12, MONTHS),
    Field("fifth", "weekdays", 0, 7, WEEKDAYS),
)
_ITEM = re.compile(r"(?:(\*)|(\w+)(?:-(\w+))?)(?:/(\w+))?", re.ASCII)


def check(cron: str) -> str:
    """The five fields with single spaces; raises BadCron, which says what is wrong."""
    if cron.strip().startswith("@"):
        raise BadCron("Words such as @daily are not taken: write the five fields.")
    # Also a line's end, and the % which is one to cron.
    if odd := re.search(r"[^\w*,/ \t#?-]", cron, re.ASCII):
        raise BadCron(f"{odd[0]!r} is not a character of a cron expression.")
    fields = cron.lower().split()
    if len(fields) != len(FIELDS):
        raise BadCron(
            "Five fields are wanted (minutes, hours, days of the month, months, "
            f"weekdays), not {len(fields)}."
        )
    for field, text in zip(FIELDS, fields, strict=True):
        values(field, text)
    whole = " ".join(fields)
    if len(whole) > LONGEST:
        raise BadCron(f"It is longer than {LONGEST} characters.")
    if not _ever_comes(whole):
        raise BadCron("No such day ever comes: no month of these has that many days.")
    return whole


def values(field: Field, text: str) -> set[int]:
    """What one field matches; raises BadCron."""
    found: set[int] = set()
    for item in text.split(","):
        found |= _values(field, item)
    return found


def _values(field: Field, item: str) -> set[int]:
    parts = _ITEM.fullmatch(item)
    if parts is None:
        raise BadCron(f"In {field}: {item!r} is not understood.")
    star, first, last, step = parts.groups()
    low = field.low if star else _number(field, first)
    high = field.high if star else _number(field, last or first)
    if low > high:
        raise BadCron(f"In {field}: the range {item!r} goes backwards.")
    if step is None:
        return set(range(low, high + 1))
    if low == high:
        raise BadCron(f"In {field}: a step needs * or a range before it, not {item!r}.")
    if not re.fullmatch(r"\d{1,2}", step) or not 0 < int(step) <= high - low:
        raise BadCron(f"In {field}: the step {step} is not between 1 and {high - low}.")
    return set(range(low, high + 1, int(step)))


def _number(field: Field, word: str) -> int:
    if word in field.names:
        return field.names.index(word) + field.low
    if not re.fullmatch(r"\d{1,2}", word):
        known = f" or a name such as {field.names[1]}" if field.names else ""
        raise BadCron(f"In {field}: {word!r} is not a number{known}.")
    if not field.low <= int(word) <= field.high:
        raise BadCron(
            f"In {field}: {word} is not between {field.low} and {field.high}."
        )
    return int(word)


def is_wild(cron: str) -> bool:
    """Debian's cron starts such a line by the clock on the wall, whatever it shows."""
    minutes, hours, *_ = cron.split()
    return minutes.startswith("*") or hours.startswith("*")


def _ever_comes(cron: str) -> bool:
    try:
        next(CronSim(cron, datetime(2000, 1, 1, tzinfo=UTC)))
    except (CronSimError, StopIteration):
        return False
    return True
