"""A scene as SVG, for pages without JavaScript and for small pictures."""

import math
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from pulsar_ml.landscape import Ring
from showroom.space.plane import CELLS, Cell, Plane, Point
from showroom.space.scene import Mark, Scene, Tick, kind

# The drawing's own units, and the room for what stands beside its axes; the template
# has them too.
WIDTH, HEIGHT = 960, 600
LEFT, RIGHT, TOP, BOTTOM = 62, 10, 10, 54
# Steps from the emptiest cell to the fullest.
SHADES = 8
_DOT, _DIAMOND = 2.0, 5.0


class Drawing(NamedTuple):
    """Paths, each with what gives it its style."""

    outlines: list[tuple[str, str]]
    shades: list[tuple[int, str]]
    marks: str
    points: list[tuple[Point, str]]
    x_ticks: list[Tick]
    y_ticks: list[Tick]


def drawing(scene: Scene) -> Drawing:
    """Draw what is seen."""
    plane, to = scene.plane, _Paper(scene.plane)
    return Drawing(
        outlines=[
            (kind(outline), " ".join(map(to.ring, outline.rings)))
            for outline in scene.outlines
        ],
        shades=[] if plane.points else _shades(plane.cells, scene.most),
        marks="" if plane.points else " ".join(map(to.mark, scene.marks)),
        points=[(point, to.point(point)) for point in plane.points],
        x_ticks=[Tick(to.x(place), text) for place, text in scene.x.ticks],
        y_ticks=[Tick(to.y(place), text) for place, text in scene.y.ticks],
    )


class _Paper:
    """From the places on both axes to those on the drawing."""

    def __init__(self, plane: Plane) -> None:
        self.plane = plane
        self.left, self.right = plane.x.ends
        self.low, self.high = plane.y.ends

    def x(self, place: float) -> float:
        share = (place - self.left) / (self.right - self.left)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(self, place: float) -> float:
        share = (place - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    def ring(self, ring: Ring) -> str:
        return "M" + "L".join(f"{self.x(x)} {self.y(y)}" for x, y in ring) + "Z"

    def mark(self, mark: Mark) -> str:
        return _diamond(self.x(mark.x), self.y(mark.y), mark.size / 2)

    def point(self, point: Point) -> str:
        across, upwards = self.plane.place(point)
        x, y = self.x(across), self.y(upwards)
        return _diamond(x, y, _DIAMOND) if point.predicted else _dot(x, y)


def _diamond(x: float, y: float, half: float) -> str:
    step = f"{half:.1f}"
    return f"M{x:.1f} {y - half:.1f}l{step} {step}l-{step} {step}l-{step}-{step}z"


def _dot(x: float, y: float) -> str:
    wide = 2 * _DOT
    return (
        f"M{x - _DOT:.1f} {y:.1f}"
        f"a{_DOT} {_DOT} 0 1 0 {wide} 0a{_DOT} {_DOT} 0 1 0-{wide} 0z"
    )


def _shades(cells: list[Cell], most: int) -> list[tuple[int, str]]:
    """Cells of one shade as one path."""
    wide, high = (WIDTH - LEFT - RIGHT) / CELLS, (HEIGHT - TOP - BOTTOM) / CELLS
    paths: defaultdict[int, str] = defaultdict(str)
    for shade, line, first, last in _runs(cells, most):
        x, y = LEFT + first * wide, HEIGHT - BOTTOM - (line + 1) * high
        paths[shade] += f"M{x:.1f} {y:.1f}H{LEFT + last * wide:.1f}v{high:.1f}H{x:.1f}z"
    return sorted(paths.items())


def _runs(cells: list[Cell], most: int) -> Iterator[tuple[int, int, int, int]]:
    """Neighbours of one shade as one: shade, line, first column and that after."""
    run = (0, 0, 0, 0)
    for cell in cells:
        shade, line, first, last = run
        if (_shade(cell.n, most), cell.y, cell.x) == (shade, line, last):
            run = (shade, line, first, last + 1)
            continue
        if shade:
            yield run
        run = (_shade(cell.n, most), cell.y, cell.x, cell.x + 1)
    if run[0]:
        yield run


def _shade(n: int, most: int) -> int:
    """1 for the emptiest cells, growing with the logarithm."""
    return max(1, math.ceil(SHADES * math.log1p(n) / math.log1p(most)))
