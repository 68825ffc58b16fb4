"""What another threshold would win and cost on the hold-out; nothing is saved."""

from collections.abc import Mapping
from typing import Any, NamedTuple

Json = Mapping[str, Any]


class Line(NamedTuple):
    """The verdicts at one threshold, counted."""

    threshold: float
    recall: float
    precision: float
    fpr: float
    f1: float
    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def pulsars(self) -> int:
        return self.tp + self.fn

    @property
    def others(self) -> int:
        return self.fp + self.tn


class Trade(NamedTuple):
    """Every threshold that was tried, the shipped one, and that which is looked at."""

    lines: list[Line]
    shipped: int
    chosen: int

    @property
    def line(self) -> Line:
        return self.lines[self.chosen]

    @property
    def of_shipped(self) -> Line:
        return self.lines[self.shipped]

    @property
    def last(self) -> int:
        return len(self.lines) - 1

    @property
    def more_found(self) -> int:
        """Pulsars found beyond those of the shipped threshold; less than 0: lost."""
        return self.line.tp - self.of_shipped.tp

    @property
    def more_false(self) -> int:
        return self.line.fp - self.of_shipped.fp


def trade(evaluation: Json, shipped: float, wanted: float | None) -> Trade | None:
    """Look at the tried threshold next to the one that is wanted."""
    lines = sorted(
        (
            Line(*(tried[name] for name in Line._fields))
            for tried in evaluation["trade"]
        ),
        key=lambda line: line.threshold,
    )
    if not lines:
        return None
    ours = _nearest(lines, shipped)
    chosen = ours if wanted is None else _nearest(lines, wanted)
    return Trade(lines, ours, chosen)


def _nearest(lines: list[Line], threshold: float) -> int:
    return min(range(len(lines)), key=lambda at: abs(lines[at].threshold - threshold))
