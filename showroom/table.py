"""Rows of scores as the cells of a table."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pulsar_ml.features import FEATURES
from showroom.models import Batch
from showroom.names import last_part
from showroom.verdicts.chosen import Spoken

# More metadata than this stands in the downloads only.
_METADATA_SHOWN = 8
# A longer name would push the scores out of sight.
_LONGEST_NAME = 32
_DOWN, _UP = "descending", "ascending"
# The column that is not of the scores.
VERDICT = "verdict"
_VERDICT_PLACE = 4
_LABELS = {
    "row": "Row",
    "name": "Name",
    "probability": "Score",
    "predicted": "Class",
    "warnings": "Warnings",
    **{name: name for name in FEATURES},
}
_TEXT = {"name", "predicted", "warnings"}
# People look for the highest numbers, for pulsars and for what is warned of; and for
# the first names, numbers and metadata.
_UP_FIRST = {"row", "name"}
_METADATA_HELP = (
    "Sorted as numbers where they are some; other text comes behind them, and rows "
    "without a value last."
)


class Column(NamedTuple):
    """A heading, and the sort that a click on it asks for."""

    name: str
    label: str
    sort: str
    sorted: str
    help: str = ""

    @property
    def is_number(self) -> bool:
        return self.name in _LABELS and self.name not in _TEXT


class Cell(NamedTuple):
    """What stands in one place, and the whole of it where that is only its end."""

    column: Column
    text: str
    whole: str = ""


def columns(batch: Batch, sort: str) -> list[Column]:
    """The headings of a batch's table under the given order."""
    shown = [_column(name, label, sort) for name, label in _LABELS.items()]
    # What is said changes while one turns the pages: there is no order by it.
    shown.insert(_VERDICT_PLACE, Column(VERDICT, "Verdict", "", ""))
    metadata = enumerate(batch.columns[:_METADATA_SHOWN])
    return [
        *shown,
        *(
            _column(f"meta_{place}", name, sort)._replace(help=_METADATA_HELP)
            for place, name in metadata
        ),
    ]


def cells(
    headings: Sequence[Column], rows: Sequence[Mapping[str, Any]]
) -> list[list[Cell]]:
    """The rows under these headings, as text."""
    return [
        [_cell(column, row.get(column.name)) for column in headings] for row in rows
    ]


def _column(name: str, label: str, sort: str) -> Column:
    if sort == name:
        return Column(name, label, f"-{name}", _UP)
    if sort == f"-{name}":
        return Column(name, label, name, _DOWN)
    is_up_first = name in _UP_FIRST or name not in _LABELS
    return Column(name, label, name if is_up_first else f"-{name}", "")


def _cell(column: Column, value: Any) -> Cell:
    text = _text(column, value)
    if column.name == "name" and len(text) > _LONGEST_NAME:
        return Cell(column, last_part(text), whole=text)
    return Cell(column, text)


def _text(column: Column, value: Any) -> str:
    if column.name == "probability":
        return f"{value:.4f}"
    if column.name == "predicted":
        return "pulsar" if value else "not a pulsar"
    if column.name == VERDICT:
        return _said(value)
    if column.name == "warnings":
        return warned(value)
    if column.name in FEATURES:
        return f"{value:.6g}"
    return "" if value is None else str(value)


def _said(spoken: Spoken | None) -> str:
    if spoken is None:
        return ""
    others = f"{spoken.others} other{'s' if spoken.others > 1 else ''}"
    words = [spoken.own, others if spoken.others else ""]
    return ", ".join(word for word in words if word)


def warned(codes: str) -> str:
    """What a row is warned of, without what another of them says already."""
    found = codes.split(";")
    if "extrapolation" in found and "unusual" in found:
        found.remove("unusual")
    return ", ".join(found)
