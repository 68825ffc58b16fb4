"""How good a version is on parts of the hold-out."""

from collections.abc import Mapping
from typing import Any, NamedTuple

Json = Mapping[str, Any]

# So many stand on a page at once; all others are behind a fold.
SHOWN = 12


class Slice(NamedTuple):
    """Rows that share a value of an observation column."""

    column: str
    label: str
    rows: int
    pulsars: int
    recall: Mapping[str, float] | None
    fpr: Mapping[str, float] | None
    enough: bool
    why: str


class Slices(NamedTuple):
    """The worst first; those with too few rows by themselves."""

    worst: list[Slice]
    others: list[Slice]
    too_few: list[Slice]

    @property
    def judged(self) -> list[Slice]:
        return self.worst + self.others


def slices(evaluation: Json) -> Slices:
    """All slices in the order in which they were put down: the worst first."""
    found = [
        Slice(*(each[name] for name in Slice._fields)) for each in evaluation["slices"]
    ]
    judged = [each for each in found if each.enough]
    return Slices(
        judged[:SHOWN],
        judged[SHOWN:],
        [each for each in found if not each.enough],
    )
