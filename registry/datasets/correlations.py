"""How the numbers of a dataset go together, as a table that is read at a glance."""

from collections.abc import Mapping
from typing import Any, NamedTuple

METHODS = {
    "spearman": "by rank (Spearman)",
    "pearson": "linear (Pearson)",
}
# Steps of colour from none to the strongest, each way.
_STEPS = 5


class Cell(NamedTuple):
    """A coefficient and the shade behind it, as styles have it."""

    value: float | None
    shade: str


class Line(NamedTuple):
    """A column of the dataset, against all of them."""

    name: str
    label: str
    cells: list[Cell]


class Table(NamedTuple):
    """All coefficients by one method."""

    method: str
    words: str
    names: list[str]
    lines: list[Line]


def table(
    found: Mapping[str, Any], labels: Mapping[str, str], wanted: str
) -> Table | None:
    """By the wanted method, or by rank; None where there is nothing to compare."""
    method = wanted if wanted in METHODS else "spearman"
    names, matrix = found["names"], found[method]
    if not any(value is not None for row in matrix for value in row):
        return None
    lines = [
        Line(name, labels.get(name, name), [_cell(value) for value in row])
        for name, row in zip(names, matrix, strict=True)
    ]
    return Table(method, METHODS[method], names, lines)


def _cell(value: float | None) -> Cell:
    if value is None:
        return Cell(None, "")
    step = round(abs(value) * _STEPS)
    if not step:
        return Cell(value, "")
    return Cell(value, f"{'with' if value > 0 else 'against'}-{step}")
