"""What a line of a figure comes to, and its points, in words."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from monitor.figures.series import Line, Point
from monitor.figures.units import MEASURES, in_words


class Summary(NamedTuple):
    """One line in a table."""

    # As JSON, for addresses, and for people; nothing where there is but one line.
    labels: str
    label: str
    latest: str
    latest_at: datetime
    least: str
    mean: str
    most: str

    @property
    def words(self) -> str:
        """In one sentence."""
        name = f"{self.label}: " if self.label else ""
        return (
            f"{name}latest {self.latest}, lowest {self.least}, mean {self.mean}, "
            f"highest {self.most}"
        )


class Place(NamedTuple):
    """One point in a table."""

    at: datetime
    label: str
    samples: int
    mean: str
    least: str
    most: str


def summary(line: Line, unit: str) -> Summary:
    """Put a line into words."""
    whole, short = line.whole, _short(unit)
    return Summary(
        labels=line.labels,
        label=label(line.labels),
        latest=in_words(line.whole.last, short),
        latest_at=line.last_at,
        least=in_words(whole.least, short),
        mean=in_words(whole.mean, short),
        most=in_words(whole.most, short),
    )


def label(labels: str) -> str:
    """Labels for people: schedule nightly, version 2."""
    return ", ".join(f"{name} {value}" for name, value in json.loads(labels).items())


def places(lines: Sequence[Line], unit: str, most: int) -> list[Place]:
    """The newest points of these lines, the newest first."""
    short = _short(unit)
    points = sorted(_points(lines), key=lambda pair: pair[1][0], reverse=True)
    return [
        Place(
            point[0], label(labels), point[1], *(in_words(v, short) for v in point[2:])
        )
        for labels, point in points[:most]
    ]


def _short(unit: str) -> str:
    """The unit where its name need not stand beside each number."""
    return unit if unit in MEASURES else ""


def _points(lines: Sequence[Line]) -> Iterator[tuple[str, Point]]:
    for line in lines:
        for point in line.points:
            yield line.labels, point
