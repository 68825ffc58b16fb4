"""The plane of two features: rows counted in equal cells, few of them as points."""

import json
from typing import NamedTuple, Self

from pulsar_ml.stretch import stretch

# Along either axis.
CELLS = 100


class Axis(NamedTuple):
    """One side of the picture: a feature, and the values at its ends."""

    feature: str
    low: float
    high: float

    @property
    def ends(self) -> tuple[float, float]:
        """Where it begins and ends when it is stretched."""
        low, high = stretch(self.feature, [self.low, self.high]).tolist()
        return low, high


class Cell(NamedTuple):
    """A cell that holds rows: its column and line, how many, and how many pulsars."""

    x: int
    y: int
    n: int
    n_pulsars: int


class Point(NamedTuple):
    """One row."""

    row: int
    x: float
    y: float
    probability: float
    predicted: int


class Plane(NamedTuple):
    """What is seen of the rows that are wanted, and how many there are."""

    x: Axis
    y: Axis
    n: int
    cells: list[Cell]
    points: list[Point]

    @property
    def n_shown(self) -> int:
        return sum(cell.n for cell in self.cells)

    @property
    def n_beyond(self) -> int:
        return self.n - self.n_shown

    def place(self, point: Point) -> tuple[float, float]:
        """Where a row lies on both stretched axes."""
        across = stretch(self.x.feature, point.x)
        return float(across), float(stretch(self.y.feature, point.y))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `json.dumps` made of a plane."""
        x, y, n, cells, points = json.loads(text)
        return cls(
            Axis(*x),
            Axis(*y),
            n,
            [Cell(*cell) for cell in cells],
            [Point(*point) for point in points],
        )
