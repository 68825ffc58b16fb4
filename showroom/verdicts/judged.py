"""The database rows of what is judged, with all that a label is made of."""

from collections.abc import Collection, Mapping
from typing import Any

from pulsar_ml.datasets import observed
from pulsar_ml.datasets.pointings import POINTINGS
from pulsar_ml.features import FEATURES, candidate_hash
from registry.labels.rows import fit, seen
from showroom import raw, rows
from showroom.models import Batch, Candidate
from showroom.rows.reading import named


def judged(batch: Batch, numbers: Collection[int]) -> dict[int, Candidate]:
    """The candidates of these rows by number, made where they are missing.

    Numbers of rejects, and of no row at all, are left out. The parts are read only
    for what was never judged before.
    """
    known = _known(batch, numbers)
    missing = [number for number in numbers if number not in known]
    if not missing:
        return known
    found = [_candidate(batch, row) for row in _read(batch, missing)]
    Candidate.objects.bulk_create(found, ignore_conflicts=True)
    for candidate in found:
        # The shortlist had it already, or somebody else was first.
        Candidate.objects.filter(
            batch=batch, row=candidate.row, features__isnull=True
        ).update(
            hash=candidate.hash,
            features=candidate.features,
            pointing=candidate.pointing,
            observed=candidate.observed,
        )
    return _known(batch, numbers)


def _known(batch: Batch, numbers: Collection[int]) -> dict[int, Candidate]:
    listed = Candidate.objects.filter(batch=batch, row__in=list(numbers))
    return {one.row: one for one in listed.exclude(features__isnull=True)}


def _read(batch: Batch, numbers: Collection[int]) -> list[rows.Row]:
    listed = ", ".join(map(str, numbers))
    with rows.scores(batch, numbers) as connection:
        cursor = connection.execute(
            f"select * from scores where row in ({listed}) order by row"  # noqa: S608
        )
        return named(cursor, cursor.fetchall())


def _candidate(batch: Batch, row: Mapping[str, Any]) -> Candidate:
    features = [float(row[name]) for name in FEATURES]
    said = raw.metadata(batch, row)
    names: dict[str, str] = {}
    pointing = ""
    for column, value in said.items():
        if column.strip().lower() in POINTINGS:
            pointing = value
        else:
            names[observed.clean(column, names)] = value
    return Candidate(
        batch=batch,
        row=row["row"],
        name=(row["name"] or "")[:255],
        probability=row["probability"],
        predicted=bool(row["predicted"]),
        margin=abs(row["probability"] - batch.version.card["threshold"]),
        hash=candidate_hash(features),
        features=features,
        pointing=fit("pointing", pointing),
        observed=seen(names),
    )
