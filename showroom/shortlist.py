"""Put before people what of a batch they should look at first."""

from collections.abc import Sequence
from typing import NamedTuple

import duckdb
from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q

from monitor import claims
from pulsar_ml.features import FEATURES, candidate_hash
from showroom import rows
from showroom.models import Batch, Candidate

# Rows of one transaction.
_AT_ONCE = 1_000
_COLUMNS = (
    "row, coalesce(name, '') as name, probability, predicted, "
    f"[{', '.join(FEATURES)}] as features"
)


class _Row(NamedTuple):
    row: int
    name: str
    probability: float
    predicted: int
    features: list[float]


class Counts(NamedTuple):
    """How many stand on a shortlist, by reason, and how many pulsars do not."""

    listed: int
    by_reason: dict[str, int]
    beyond: int


def shortlist(batch: Batch) -> None:
    """Keep a batch's shortlist; however often it is begun, it ends as the same."""
    found = _found(batch)
    for first in range(0, len(found), _AT_ONCE):
        with transaction.atomic():
            if batch.holder:  # the day's cases are in nobody's hands
                claims.keep(batch)
            _keep(batch, found[first : first + _AT_ONCE])


def counts(batch: Batch) -> Counts:
    """What a page says of the shortlist."""
    listed = batch.candidates.exclude(shortlisted="")
    reasons = {
        str(reason): Count("pk", filter=Q(shortlisted=reason))
        for reason in Candidate.Reason
    }
    found = listed.aggregate(above=Count("pk", filter=Q(predicted=True)), **reasons)
    above = found.pop("above")
    return Counts(sum(found.values()), found, max(0, batch.n_pulsars - above))


def _found(batch: Batch) -> list[Candidate]:
    """Raw candidates, then the highest scores, then the least certain of the others."""
    limits = settings.PULSAR.shortlist
    with rows.scores(batch) as connection:
        raws = _raw(connection, batch)
        high = _first(
            connection,
            "where predicted = 1 order by probability desc",
            limits.max_rows,
            raws,
        )
        uncertain = _first(
            connection,
            "order by abs(probability - ?)",
            limits.max_uncertain,
            [*raws, *high],
            batch.version.card["threshold"],
        )
    return [
        _candidate(batch, row, reason)
        for reason, found in zip(Candidate.Reason, (raws, high, uncertain), strict=True)
        for row in found
    ]


def _raw(connection: duckdb.DuckDBPyConnection, batch: Batch) -> list[_Row]:
    """The rows that were raw candidates, which no table can say of its own."""
    if "source" not in batch.columns:
        return []
    source = f"meta_{batch.columns.index('source')}"
    cursor = connection.execute(
        f"select {_COLUMNS} from scores where {source} is not null order by row"  # noqa: S608
    )
    return [_Row(*row) for row in cursor.fetchall()]


def _first(
    connection: duckdb.DuckDBPyConnection,
    clause: str,
    most: int,
    besides: Sequence[_Row],
    *values: float,
) -> list[_Row]:
    taken = {row.row for row in besides}
    # Read with as many more as may be among those that are listed already.
    cursor = connection.execute(
        f"select {_COLUMNS} from scores {clause}, row limit ?",  # noqa: S608  # ours
        [*values, most + len(taken)],
    )
    found = (_Row(*row) for row in cursor.fetchall())
    return [row for row in found if row.row not in taken][:most]


def _candidate(batch: Batch, row: _Row, reason: str) -> Candidate:
    return Candidate(
        batch=batch,
        row=row.row,
        name=row.name[:255],
        probability=row.probability,
        predicted=bool(row.predicted),
        shortlisted=reason,
        margin=abs(row.probability - batch.version.card["threshold"]),
        hash=candidate_hash(row.features),
    )


def _keep(batch: Batch, block: Sequence[Candidate]) -> None:
    Candidate.objects.bulk_create(block, ignore_conflicts=True)
    # What somebody said something about has its row already.
    for reason in Candidate.Reason:
        there = [
            candidate.row for candidate in block if candidate.shortlisted == reason
        ]
        unlisted = batch.candidates.filter(row__in=there, shortlisted="")
        unlisted.update(shortlisted=reason)
