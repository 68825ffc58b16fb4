"""Samples become means as they grow old: of ten minutes, of an hour, of six hours.

Means are written as soon as their stretch is over, and what they were made of goes only
later, by age. So whatever is cut short is taken up again: a mean that is there already
is not written a second time, and nothing goes of which there is no mean yet.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db.models import Max, Min, QuerySet

from monitor.figures.declared import called
from monitor.figures.rows import Pool, names_in, rows
from monitor.models import Mean, Sample

TEN_MINUTES, HOUR, SIX_HOURS = 600, 3_600, 21_600
# One that is written a little after its moment still counts.
_SETTLED = timedelta(minutes=1)
# Of one transaction, and of one minute's work; the rest has its turn in the next ones.
_AT_ONCE = 1_000
_PIECES = 60
_DELETIONS = 50


class Level(NamedTuple):
    """Means over so many seconds, what they are made of, and how long they are kept."""

    span: int
    of: int | None
    kept: timedelta


LEVELS = (
    Level(TEN_MINUTES, None, timedelta(days=14)),
    Level(HOUR, TEN_MINUTES, timedelta(days=400)),
    Level(SIX_HOURS, HOUR, timedelta(days=400)),
)


_LEVEL = {level.span: level for level in LEVELS}


def thin(at: datetime) -> None:
    """Write what means are due, and forget what has them and is old enough."""
    before = until(TEN_MINUTES, at)
    for level in LEVELS:
        _write(level, at)
    # Each ten minutes, when there is something more that may go.
    if until(TEN_MINUTES, at) != before:
        _forget(at)


def until(span: int, at: datetime) -> datetime | None:
    """To where there are means of this span; None while there are none."""
    # One of the future, by a clock that was put back since, must not stop the rest.
    newest = Mean.objects.filter(span=span, at__lte=at).aggregate(Max("at"))["at__max"]
    return newest + timedelta(seconds=span) if newest else None


def beginning(at: datetime, span: int) -> datetime:
    """Where the stretch that this moment lies in begins."""
    return datetime.fromtimestamp(at.timestamp() // span * span, UTC)


def _write(level: Level, at: datetime) -> None:
    for since in _pieces(level, at):
        means = _means(level, since)
        for first in range(0, len(means), _AT_ONCE):
            # Those that are there already stay as they are.
            Mean.objects.bulk_create(
                means[first : first + _AT_ONCE], ignore_conflicts=True
            )


def _pieces(level: Level, at: datetime) -> Iterator[datetime]:
    """The stretches that are over and have something in them, from the oldest on."""
    length = timedelta(seconds=level.span)
    over, done = _over(level, at), until(level.span, at)
    if done and done >= over:
        return
    # The last may have been cut short when its process died: it is seen to again.
    since = done - length if done else None
    for _ in range(_PIECES):
        since = _next(level, since)
        if since is None or since + length > over:
            return
        yield since
        since += length


def _over(level: Level, at: datetime) -> datetime:
    """Up to where nothing more will come to what the means are made of."""
    whole = at - _SETTLED if level.of is None else _whole(_LEVEL[level.of], at)
    return beginning(whole, level.span)


def _whole(level: Level, at: datetime) -> datetime:
    """Up to where all means of a level are written."""
    over = _over(level, at)
    waits = _next(level, until(level.span, at))
    return min(over, waits) if waits else over


def _next(level: Level, since: datetime | None) -> datetime | None:
    """The first stretch from there on that has something in it."""
    there = _source(level)
    if since is not None:
        there = there.filter(at__gte=since)
    first = there.aggregate(Min("at"))["at__min"]
    return first and beginning(first, level.span)


def _source(level: Level) -> QuerySet[Sample] | QuerySet[Mean]:
    if level.of is None:
        return Sample.objects.all()
    return Mean.objects.filter(span=level.of)


def _means(level: Level, since: datetime) -> list[Mean]:
    pools: dict[tuple[str, str], Pool] = {}
    before = since + timedelta(seconds=level.span)
    for row in rows(level.of, since, before):
        pools.setdefault((row.name, row.labels), Pool()).add(row)
    return [
        Mean(
            name=name,
            labels=labels,
            span=level.span,
            at=since,
            n=pool.n,
            value=pool.mean,
            least=pool.least,
            most=pool.most,
            last=pool.last,
        )
        for (name, labels), pool in sorted(pools.items())
    ]


def _forget(at: datetime) -> None:
    whole = until(TEN_MINUTES, at)
    if whole is None:
        return
    for name in names_in(Sample.objects.all()):
        first = min(whole, at - called(name).single)
        _delete(Sample.objects.filter(name=name, at__lt=first))
    for level, coarser in zip(LEVELS, [*LEVELS[1:], None], strict=True):
        covered = until(coarser.span, at) if coarser else at
        if covered:
            first = min(covered, at - level.kept)
            _delete(Mean.objects.filter(span=level.span, at__lt=first))


def _delete(old: QuerySet[Sample] | QuerySet[Mean]) -> None:
    """In small pieces, so that nobody waits for the database meanwhile."""
    for _ in range(_DELETIONS):
        some = list(old.order_by("at").values_list("pk", flat=True)[:_AT_ONCE])
        if not some:
            return
        old.filter(pk__in=some).delete()
