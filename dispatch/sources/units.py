"""Files that are taken together, and which of them are whole."""

from datetime import datetime, timedelta
from typing import NamedTuple

from dispatch.sources.look import Found, Look
from dispatch.sources.notes import Notes, printable
from pulsar_ml.formats.beside import companions
from pulsar_ml.formats.bestprof import SUFFIX

_SECOND = 10**9
# With what is put behind it, a name fits its column.
_LONGEST = 255 - len(SUFFIX)


class Unit(NamedTuple):
    """One file, or a PFD and what lies beside it."""

    files: tuple[Found, ...]

    @property
    def first(self) -> Found:
        return self.files[0]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    def names(self) -> list[str]:
        """What its files are called in a batch: by these names they belong together."""
        name = printable(self.first.name)
        if len(name) > _LONGEST:
            # The end says of what kind it is.
            name = f"…{name[1 - _LONGEST :]}"
        return [name, f"{name}{SUFFIX}"][: len(self.files)]


def units(there: Look) -> list[Unit]:
    """Every file, those that belong together as one; the oldest first."""
    beside = companions(there.files)
    taken = set(beside.values())
    found = [
        Unit(tuple(there.files[one] for one in (name, beside.get(name)) if one))
        for name in there.files
        if name not in taken
    ]
    return sorted(found, key=lambda unit: (unit.first.changed_ns, unit.first.name))


class Rest(NamedTuple):
    """How long a file must have been left alone, or what must lie beside it."""

    seconds: int
    marker: str

    def waits(self, unit: Unit, there: Look, since: datetime, at: datetime) -> str:
        """Why these files, seen unchanged since then, are not taken yet; or empty."""
        if not all(file.size for file in unit.files):
            return "Empty so far"
        if self.marker:
            mark = f"{unit.first.name}{self.marker}"
            is_marked = mark in there.others or mark in there.files
            return "" if is_marked else f"No {self.marker} beside it yet"
        # By its own times; or by our clock, as the other machine's may be wrong.
        changed = max(file.changed_ns for file in unit.files)
        rested = at.timestamp() * _SECOND - changed >= self.seconds * _SECOND
        if rested or at - since >= timedelta(seconds=self.seconds):
            return ""
        return f"Changed less than {self.seconds} s ago"


def whole(
    found: list[Unit],
    there: Look,
    rest: Rest,
    since: dict[str, datetime],
    at: datetime,
    notes: Notes,
) -> tuple[list[Unit], list[Unit]]:
    """Those that can be taken, and those that wait; of these the notes tell why."""
    taken: list[Unit] = []
    waiting: list[Unit] = []
    for unit in found:
        seen = max(since.get(file.name, at) for file in unit.files)
        why = rest.waits(unit, there, seen, at)
        (waiting if why else taken).append(unit)
        if why:
            notes.add(f"{why}, so it waits", unit.first.name)
    return taken, waiting
