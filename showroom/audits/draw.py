"""Let chance pick rows of the batches that have ended."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import NamedTuple

import numpy as np
from django.conf import settings
from django.db import transaction
from django.utils.timezone import now
from numpy.typing import NDArray

from monitor import crash, leases
from monitor.events import record
from monitor.work import State
from pulsar_ml.evaluation.audit import N_STRATA, chances_of, lots, strata
from showroom import rows
from showroom.models import Batch, Draw, DrawnRow
from showroom.models.batch import BatchQuerySet
from showroom.verdicts.judged import judged

logger = logging.getLogger(__name__)
# So long a look that was killed keeps out the next.
_LEASE_SECONDS = 600
# Rows of one transaction, and of one reading.
_AT_ONCE = 1_000
_READ = 262_144


class _Scores(NamedTuple):
    """Some rows of a batch: their numbers, and the strata of their scores."""

    numbers: NDArray[np.integer]
    scores: NDArray[np.float64]
    of_stratum: NDArray[np.intp]


class _Counted(NamedTuple):
    """A batch: how many rows are in each stratum, and the sum of their scores."""

    batch: Batch
    rows: NDArray[np.int64]
    total: NDArray[np.float64]


class _Hit(NamedTuple):
    row: int
    stratum: int
    place: float


def draw(at: datetime | None = None) -> int:
    """Draw from what waits, go on with what was broken off; how many rows it were.

    A batch is counted first, and its chances are written down; after that its rows are
    settled, for lots are always the same.
    """
    if not settings.PULSAR.audit.share:
        return 0
    at = at or now()
    with leases.hold("audit_sample", _LEASE_SECONDS) as held:
        if not held:
            return 0
        _decide(at)
        begun = Draw.objects.filter(
            complete=False, batch__deleted_at=None, batch__private=False
        )
        begun = begun.select_related("batch__version").order_by("pk")
        return sum(_draw(one) for one in begun)


def _decide(at: datetime) -> None:
    """Write down the chances of the batches that wait, as far as the day has room."""
    waiting = list(_waiting(at).select_related("version").order_by("pk"))
    # Where not even the least has room, millions of rows need not be read every hour.
    if not _share(min((batch.n_scored for batch in waiting), default=0), at):
        return
    counted = [found for batch in waiting if (found := _counted(batch))]
    share = _share(sum(int(one.rows.sum()) for one in counted), at)
    for one in counted if share else ():
        chances = chances_of(one.rows, one.total, share)
        values = {"at": at, "rows": one.rows.tolist(), "chances": chances.tolist()}
        Draw.objects.get_or_create(batch=one.batch, defaults=values)
        crash.at("audit.decided")


def _waiting(at: datetime) -> BatchQuerySet:
    since = at - timedelta(days=settings.PULSAR.audit.days)
    ended = Batch.objects.filter(state=State.SUCCESS, finished_at__gte=since)
    return ended.filter(private=False, deleted_at=None, draw=None)


def _share(n_rows: int, at: datetime) -> float:
    """Of so many rows; 0 where they have to wait for another day."""
    audit = settings.PULSAR.audit
    midnight = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    today = sum(one.wanted for one in Draw.objects.filter(at__gte=midnight))
    wanted = audit.share * n_rows
    if today + wanted <= audit.most_a_day:
        return float(audit.share)
    # What is left of a day may be next to nothing: nobody would learn from it.
    return 0.0 if today else float(audit.share * audit.most_a_day / wanted)


def _counted(batch: Batch) -> _Counted | None:
    """Its rows; None where they are lost, that it takes nothing from the others."""
    n, total = np.zeros(N_STRATA, np.int64), np.zeros(N_STRATA)
    try:
        for some in _scores(batch):
            n += np.bincount(some.of_stratum, minlength=N_STRATA)
            total += np.bincount(some.of_stratum, some.scores, minlength=N_STRATA)
    except OSError:
        # Its own pages say what is wrong; when it is mended, it is drawn.
        logger.exception("The scores of %s cannot be counted", batch)
        return None
    return _Counted(batch, n, total)


def _draw(one: Draw) -> int:
    """Draw the rows of a batch; those that a killed look has written stay."""
    try:
        found = list(
            chain.from_iterable(_hits(one, some) for some in _scores(one.batch))
        )
        for first in range(0, len(found), _AT_ONCE):
            _keep(one, found[first : first + _AT_ONCE])
            crash.at("audit.block")
    except OSError:
        logger.exception("The scores of %s cannot be drawn from", one.batch)
        return 0
    with transaction.atomic():
        if Draw.objects.filter(pk=one.pk, complete=False).update(complete=True):
            record("audit.drawn", about=str(one.batch), rows=len(found))
    return len(found)


def _hits(one: Draw, some: _Scores) -> Iterator[_Hit]:
    chance = np.array(one.chances)[some.of_stratum]
    lot = lots([f"{one.batch_id}-{number}" for number in some.numbers])
    hit = lot < chance
    columns = (some.numbers[hit], some.of_stratum[hit], lot[hit] / chance[hit])
    yield from map(_Hit, *(column.tolist() for column in columns))


def _keep(one: Draw, block: list[_Hit]) -> None:
    candidates = judged(one.batch, [hit.row for hit in block])
    with transaction.atomic():
        DrawnRow.objects.bulk_create(
            (
                DrawnRow(
                    draw=one,
                    candidate=candidates[hit.row],
                    stratum=hit.stratum,
                    chance=one.chances[hit.stratum],
                    place=hit.place,
                )
                for hit in block
            ),
            ignore_conflicts=True,
        )


def _scores(batch: Batch) -> Iterator[_Scores]:
    """All rows, so many at a time that ten millions take no more memory."""
    threshold = batch.version.card["threshold"]
    with rows.scores(batch) as connection:
        (last,) = connection.execute("select max(row) from scores").fetchall()[0]
        for first in range(1, (last or 0) + 1, _READ):
            some = connection.execute(
                "select row, probability from scores where row >= ? and row < ? "
                "order by row",
                [first, first + _READ],
            ).fetchnumpy()
            scores = np.asarray(some["probability"], np.float64)
            numbers = np.asarray(some["row"], np.int64)
            yield _Scores(numbers, scores, strata(scores, threshold))
