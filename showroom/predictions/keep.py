"""Keep what was answered to few rows, in the version's batch of the day."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache

from django.db import connection, transaction
from django.utils.timezone import now

from accounts.models import User
from monitor.events import record
from monitor.work import State
from pulsar_ml.features import FEATURES
from registry.models import Version
from showroom.models import Batch, Prediction
from showroom.predictions.score import Scored

# In SQL, since every call waits for it: Django writes it ten times as long as any
# database works on it.
_COUNT = """
    update showroom_batch
    set n_rows = n_rows + %s, n_scored = n_scored + %s, n_pulsars = n_pulsars + %s
    where day = %s and version_id = %s
"""
_TABLE = Prediction._meta  # noqa: SLF001  # public, says Django
_FIELDS = [field for field in _TABLE.concrete_fields if not field.primary_key]
_COUNTED = "select id, n_rows from showroom_batch where day = %s and version_id = %s"


def keep(
    version: Version, scored: Scored, *, by: User, name: str = "", is_told: bool = False
) -> list[Prediction]:
    """Give the rows the next numbers of the day, all of them or none.

    Programs' calls are counted; what a person asks for is told besides, each case.
    """
    at = now()
    if kept := _keep(version, scored, at, by, name, is_told=is_told):
        return kept
    _begin(version, at)
    return _keep(version, scored, at, by, name, is_told=is_told)


def _keep(
    version: Version,
    scored: Scored,
    at: datetime,
    by: User,
    name: str,
    *,
    is_told: bool,
) -> list[Prediction]:
    with transaction.atomic():
        counted = _count(version, at.date(), scored.predicted)
        if counted is None:
            return []
        batch, last = counted
        made = [
            Prediction(
                batch_id=batch,
                row=row,
                name=name,
                probability=probability,
                predicted=predicted,
                warnings=warnings,
                by=by,
                at=at,
                **dict(zip(FEATURES, values, strict=True)),
            )
            for row, values, probability, predicted, warnings in zip(
                range(last - len(scored.predicted) + 1, last + 1),
                scored.features.tolist(),
                scored.probability,
                scored.predicted,
                scored.warnings,
                strict=True,
            )
        ]
        _insert(made)
        if is_told:
            for prediction in made:
                _tell(prediction, version)
    return made


def _insert(made: Sequence[Prediction]) -> None:
    values = [
        [
            field.get_db_prep_save(field.value_from_object(one), connection)
            for field in _FIELDS
        ]
        for one in made
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_statement(), values)


@cache
def _statement() -> str:
    """One of these engines takes `row` for a word of its own."""
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in _FIELDS)
    marks = ", ".join(["%s"] * len(_FIELDS))
    table = quote(_TABLE.db_table)
    return f"insert into {table} ({columns}) values ({marks})"  # noqa: S608  # names


def _count(
    version: Version, day: date, predicted: list[bool]
) -> tuple[int, int] | None:
    """The day's batch and the last number of these rows; None if there is no batch."""
    n, key = len(predicted), (day.isoformat(), version.pk)
    with connection.cursor() as cursor:
        # The row's lock gives every case a number of its own, without a gap.
        cursor.execute(_COUNT, [n, n, sum(predicted), *key])
        # Somebody else may begin the day between these two lines.
        if not cursor.rowcount:
            return None
        cursor.execute(_COUNTED, key)
        found: tuple[int, int] | None = cursor.fetchone()
    return found


def _tell(prediction: Prediction, version: Version) -> None:
    record(
        "case.classified",
        about=str(prediction),
        who=prediction.by,
        probability=round(prediction.probability, 6),
        version=str(version),
    )


def _begin(version: Version, at: datetime) -> None:
    """The first case of a day makes its batch; the database decides whose is first."""
    day = at.date()
    Batch.objects.get_or_create(
        day=day,
        version=version,
        defaults={
            "source": Batch.Source.CASES,
            "title": f"Single cases of {day}",
            "state": State.RUNNING,
            "started_at": at,
        },
    )
