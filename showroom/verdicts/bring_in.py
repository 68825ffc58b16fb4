"""Bring verdicts in from a file: first what would happen, then as one act."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import uuid4

from django.db import transaction

from accounts.models import User
from monitor import crash
from monitor.events import record
from registry.models import Label
from showroom.models import Batch, Verdict
from showroom.verdicts.classification import UNCAT, Entry
from showroom.verdicts.give import AT_ONCE, How, Said, give
from showroom.verdicts.judged import judged
from showroom.verdicts.named import MOST_ALIKE, Named, named


class Refused(NamedTuple):
    """A line that is not used, and why."""

    line: int
    name: str
    word: str
    reason: str


class Plan(NamedTuple):
    """What a file would do: words by row, and what of it is not used."""

    new: dict[int, str]
    changed: dict[int, str]
    n_same: int
    n_uncat: int
    refused: list[Refused]

    @property
    def words(self) -> dict[int, str]:
        """What is to be said, in the order of the rows."""
        return dict(sorted((self.new | self.changed).items()))


def plan(batch: Batch, entries: Sequence[Entry], *, by: User) -> Plan:
    """Find the row of each line, and compare with what the person says already."""
    spoken = [entry for entry in entries if not entry.fault and entry.word != UNCAT]
    refused = [_refused(entry, entry.fault) for entry in entries if entry.fault]
    found = named(batch, {entry.stem for entry in spoken})
    lines: dict[int, list[Entry]] = {}
    for entry in spoken:
        row, why = _row(entry, found.get(entry.stem, []))
        if row is None:
            refused.append(_refused(entry, why))
        else:
            lines.setdefault(row, []).append(entry)
    words: dict[int, str] = {}
    for row, some in lines.items():
        refused += _repeated(some)
        if len({entry.word for entry in some}) == 1:
            words[row] = some[0].word
    stands = _stands(batch, by)
    return Plan(
        {row: word for row, word in words.items() if row not in stands},
        {row: w for row, w in words.items() if stands.get(row, w) != w},
        sum(stands.get(row) == word for row, word in words.items()),
        sum(not entry.fault and entry.word == UNCAT for entry in entries),
        sorted(refused),
    )


def bring_in(batch: Batch, wanted: Plan, *, by: User) -> int:
    """Say it, some rows at a time; broken off, the same file again says the rest."""
    act, words, n_given = uuid4(), wanted.words, 0
    numbers = list(words)
    for first in range(0, len(numbers), AT_ONCE):
        block = judged(batch, numbers[first : first + AT_ONCE])
        given = give(
            list(block.values()),
            [Said(words[row]) for row in block],
            by=by,
            how=How(Label.Drawn.IMPORT),
            act=act,
        )
        n_given += len(given)
        crash.at("verdicts.block")
    with transaction.atomic():
        record(
            "verdicts.imported",
            about=str(batch),
            who=by,
            verdicts=n_given,
            same=wanted.n_same,
            refused=len(wanted.refused),
        )
    return n_given


def _row(entry: Entry, alike: Sequence[Named]) -> tuple[int | None, str]:
    """The only row that it can mean; else why there is none."""
    fitting = [row for row in alike if entry.fits(row)]
    if not fitting:
        other = "; rows of this name are of another beam or time" if alike else ""
        return None, f"is no row of this batch{other}"
    nearest = max(map(entry.nearness, fitting))
    nearest_rows = [row for row in fitting if entry.nearness(row) == nearest]
    if len(nearest_rows) > 1 or len(alike) == MOST_ALIKE:
        return None, f"may be any of {len(nearest_rows)} rows of this name"
    return nearest_rows[0].row, ""


def _repeated(some: Sequence[Entry]) -> list[Refused]:
    """Lines that say again what another has said of the row, or something else."""
    first, *others = some
    if len({entry.word for entry in some}) == 1:
        return [_refused(entry, f"repeats line {first.line}") for entry in others]
    said = ", ".join(f"{entry.word} in line {entry.line}" for entry in some[:5])
    return [_refused(entry, f"is called {said}: none of it is used") for entry in some]


def _refused(entry: Entry, reason: str) -> Refused:
    return Refused(entry.line, entry.path, entry.word, reason)


def _stands(batch: Batch, by: User) -> dict[int, str]:
    said = Verdict.objects.current().of_batch(batch).filter(person=by)
    return dict(said.values_list("candidate__row", "word"))
