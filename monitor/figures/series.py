"""A figure over a day, a week or a month: its lines, point by point."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

from monitor.figures.rows import Pool, Row, names_in, rows
from monitor.figures.thin import HOUR, SIX_HOURS, TEN_MINUTES, beginning, until
from monitor.models import Mean, Sample

_FINER: dict[int, int | None] = {
    TEN_MINUTES: None,
    HOUR: TEN_MINUTES,
    SIX_HOURS: HOUR,
}


class Range(NamedTuple):
    """How far back one looks, how finely, and where the axis has its times."""

    name: str
    length: timedelta
    # Seconds that make one point.
    span: int
    tick: timedelta
    format: str

    def around(self, at: datetime) -> tuple[datetime, datetime]:
        """From when to when: up to the next full hour or midnight of the viewer."""
        local = timezone.localtime(at).replace(minute=0, second=0, microsecond=0)
        if self.length <= timedelta(days=1):
            end = local.astimezone(UTC) + timedelta(hours=1)
            return end - self.length, end
        # By days, and not by hours: a day may have 23 or 25.
        end = (local + timedelta(days=1)).replace(hour=0)
        return (end - self.length).astimezone(UTC), end.astimezone(UTC)

    def ticks(self, at: datetime) -> list[datetime]:
        """The moments that the axis names."""
        since, _ = self.around(at)
        count = round(self.length / self.tick)
        if self.length <= timedelta(days=1):
            return [since + self.tick * number for number in range(count)]
        local = timezone.localtime(since)
        return [local + self.tick * number for number in range(count)]


RANGES = {
    wanted.name: wanted
    for wanted in (
        Range("day", timedelta(days=1), TEN_MINUTES, timedelta(hours=6), "%H:%M"),
        Range("week", timedelta(days=7), HOUR, timedelta(days=1), "%a %-d"),
        Range("month", timedelta(days=30), SIX_HOURS, timedelta(days=5), "%-d %b"),
    )
}


class Point(NamedTuple):
    """What a figure was in one stretch of time."""

    at: datetime
    n: int
    mean: float
    least: float
    most: float


class Line(NamedTuple):
    """One set of labels of a figure, and how it went."""

    name: str
    # As JSON.
    labels: str
    points: list[Point]
    # Over all of it, with what came last.
    whole: Pool
    last_at: datetime


def series(names: Sequence[str], wanted: Range, at: datetime) -> list[Line]:
    """All lines of these figures; a stretch without a sample has no point."""
    since, end = wanted.around(at)
    lines: dict[tuple[str, str], dict[datetime, Pool]] = {}
    newest: dict[tuple[str, str], Row] = {}
    for row in _rows(names, wanted.span, beginning(since, wanted.span), end, at):
        line = row.name, row.labels
        stretch = beginning(row.at, wanted.span)
        lines.setdefault(line, {}).setdefault(stretch, Pool()).add(row)
        newest[line] = row
    return [_line(name, newest[name], pools) for name, pools in sorted(lines.items())]


def names() -> list[str]:
    """Every figure that there is."""
    means = Mean.objects.filter(span=SIX_HOURS)
    return sorted({*names_in(Sample.objects.all()), *names_in(means)})


def _rows(
    names: Sequence[str], span: int, since: datetime, end: datetime, at: datetime
) -> Iterator[Row]:
    """Means as far as there are any, then what is finer, and single samples last."""
    level: int | None = span
    while level is not None:
        whole = min(until(level, at) or since, end)
        if whole > since:
            yield from rows(level, since, whole, names)
            since = whole
        level = _FINER[level]
    yield from rows(None, since, end, names)


def _line(line: tuple[str, str], newest: Row, pools: dict[datetime, Pool]) -> Line:
    points = [
        Point(at, pool.n, pool.mean, pool.least, pool.most)
        for at, pool in sorted(pools.items())
    ]
    whole = Pool(
        n=sum(pool.n for pool in pools.values()),
        total=sum(pool.total for pool in pools.values()),
        least=min(pool.least for pool in pools.values()),
        most=max(pool.most for pool in pools.values()),
        last=newest.last,
    )
    return Line(*line, points, whole, newest.at)
