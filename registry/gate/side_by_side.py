"""Two versions side by side: what they were made of, and how good they are."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pulsar_ml.errors import PulsarError
from registry.card import read
from registry.card.figures import METRICS, SPLITS
from registry.card.slices import Slice, slices
from registry.models import Version
from registry.runs import figures
from registry.runs.compare import Cell, Line, Measured, Row
from registry.runs.parameters import written

_NONE = "–"
_OTHER_ROWS = (
    "They learned from different datasets, so that each was tested on rows of its own:"
    " a difference may come from the rows. The gate judges both by the same."
)
Pair = tuple[Version, Version]


class Part(NamedTuple):
    """A slice of each one's hold-out; None where it has none of this name."""

    column: str
    label: str
    sides: tuple[Slice | None, Slice | None]

    @property
    def change(self) -> float | None:
        """Of recall, by the first against the second."""
        ours, theirs = (side.recall if side else None for side in self.sides)
        return ours["value"] - theirs["value"] if ours and theirs else None


class SideBySide(NamedTuple):
    """Everything about two versions."""

    versions: Pair
    made_of: list[Row]
    parameters: list[Row]
    figures: list[Line]
    code: list[Row]
    slices: list[Part]
    # Why the figures say less than they seem to.
    warnings: list[str]


def side_by_side(pair: Pair, split: str) -> SideBySide:
    """Put them beside each other; their figures are those of one split."""
    cards = [version.card for version in pair]
    return SideBySide(
        pair,
        [Row(label, [cell(version) for version in pair]) for label, cell in _MADE_OF],
        _table([_written(card.get("parameters", {})) for card in cards]),
        list(_lines(cards, split)),
        _table([_code(card) for card in cards]),
        _slices(pair),
        _warnings(cards),
    )


_MADE_OF: Sequence[tuple[str, Callable[[Version], Cell]]] = (
    ("Algorithm", lambda one: Cell(one.algorithm)),
    ("Where it comes from", lambda one: Cell(one.get_source_display())),
    ("Dataset", lambda one: Cell(_dataset(one.card, "name"))),
    ("Rows trained on", lambda one: Cell(_dataset(one.card, "trained_rows"))),
    ("Pulsars among them", lambda one: Cell(_dataset(one.card, "trained_pulsars"))),
    ("Split", lambda one: Cell(_policy(one.card))),
    ("Seed", lambda one: Cell(str(one.card.get("seed", _NONE)))),
    ("Calibration", lambda one: Cell(_method(one.card))),
    ("Made", lambda one: Cell(str(one.card.get("created", _NONE))[:10])),
)


def _dataset(card: Mapping[str, Any], key: str) -> str:
    found = card.get("dataset", {}).get(key, _NONE)
    return f"{found:,}".replace(",", "\u202f") if isinstance(found, int) else str(found)


def _policy(card: Mapping[str, Any]) -> str:
    key = card.get("policy", _NONE)
    return SPLITS[key].label if key in SPLITS else str(key)


def _method(card: Mapping[str, Any]) -> str:
    return str((card.get("calibration") or {}).get("method", _NONE))


def _written(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: written(value) for name, value in values.items()}


def _code(card: Mapping[str, Any]) -> dict[str, str]:
    return {"code": card.get("code_version", _NONE), **card.get("libraries", {})}


def _table(columns: Sequence[Mapping[str, str]]) -> list[Row]:
    """A row for each name that either column has."""
    names = dict.fromkeys(name for column in columns for name in column)
    return [
        Row(name, [Cell(column.get(name, _NONE)) for column in columns])
        for name in names
    ]


def _lines(cards: Sequence[Mapping[str, Any]], split: str) -> Iterator[Line]:
    reports = [card.get("metrics", {}).get(split, {}) for card in cards]
    wanted = [*figures.of_split(split, METRICS), figures.figure("threshold")]
    for figure in wanted:
        key = figure.key.rpartition(".")[2]
        found = [report.get(key) for report in reports]
        if any(found):
            yield Line(figure, _cells(found, figure.better))


def _cells(
    found: Sequence[Mapping[str, Any] | None], better: int
) -> list[Measured | None]:
    """The change is that of the first against the second."""
    values = [one["value"] for one in found if one]
    # Of one alone, of equals, and where more is neither, none is best.
    is_told = bool(better) and len(set(values)) > 1
    best = max(values, key=lambda value: better * value) if is_told else None
    ours, theirs = (_measured(one, best) for one in found)
    if ours and theirs:
        ours = ours._replace(
            change=ours.value - theirs.value,
            is_within=_is_within(ours, theirs.value),
        )
    return [ours, theirs]


def _is_within(ours: Measured, value: float) -> bool:
    """Whether chance may be all of the change."""
    if ours.low is None or ours.high is None:
        return False
    return ours.low <= value <= ours.high


def _measured(one: Mapping[str, Any] | None, best: float | None) -> Measured | None:
    if one is None:
        return None
    value, low, high = one["value"], one.get("low"), one.get("high")
    return Measured(value, low, high, value == best, None, is_within=False)


def _slices(pair: Pair) -> list[Part]:
    """Those of the first in their order, the worst on top; then those it has not."""
    ours, theirs = (_kept(version) for version in pair)
    return [
        Part(*key, (ours.get(key), theirs.get(key)))
        for key in dict.fromkeys([*ours, *theirs])
    ]


def _kept(version: Version) -> dict[tuple[str, str], Slice]:
    """Those with enough rows; none of a version that keeps no evaluation."""
    try:
        evaluation = read.read(version).evaluation
    except (PulsarError, OSError):
        return {}
    found = slices(evaluation).judged if evaluation else []
    return {(each.column, each.label): each for each in found}


def _warnings(cards: Sequence[Mapping[str, Any]]) -> list[str]:
    if len({card.get("dataset", {}).get("sha256") for card in cards}) > 1:
        return [_OTHER_ROWS]
    return []
