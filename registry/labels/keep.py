"""Keep what a file says of candidates, until all of it is there and may hold."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from django.db import IntegrityError, OperationalError, transaction

from monitor import claims
from registry.labels.rows import Row
from registry.models import Build, Label

AT_ONCE = 500
_TRIES = 5
_Result = TypeVar("_Result")


class Kept(NamedTuple):
    """What becomes of some rows when their build lands."""

    new: int
    replaced: int
    known: int

    def plus(self, other: "Kept") -> "Kept":
        return Kept(*map(sum, zip(self, other, strict=True)))


def keep(build: Build, rows: Sequence[Row]) -> Kept:
    """Store at most `AT_ONCE` rows; they hold when the build lands."""
    return patiently(lambda: _keep(build, rows))


def patiently(work: Callable[[], _Result]) -> _Result:
    """Do it in one transaction; again where somebody else came between."""
    for attempt in range(1, _TRIES + 1):
        try:
            with transaction.atomic():
                return work()
        except (IntegrityError, OperationalError):
            # Two who import for the same person at once: by then the other is done.
            if attempt == _TRIES:
                raise
    raise AssertionError


def _keep(build: Build, rows: Sequence[Row]) -> Kept:
    # In the same transaction: a worker that has lost the build stores no more.
    claims.keep(build)
    person, survey = build.order["person"], build.order["survey"]
    hashes = [row.hash for row in rows]
    held = Label.objects.current().filter(person=person, hash__in=hashes)
    before = {label.hash: label for label in held}
    fresh = [row for row in rows if not _says(before.get(row.hash), row, survey)]
    Label.objects.bulk_create(_label(build, row) for row in fresh)
    replaced = sum(row.hash in before for row in fresh)
    return Kept(len(fresh) - replaced, replaced, len(rows) - len(fresh))


def _says(label: Label | None, row: Row, survey: str) -> bool:
    """Whether the label says all that the row says already."""
    if label is None:
        return False
    return (label.verdict, label.survey, label.name, label.pointing) == (
        row.verdict,
        survey,
        row.name,
        row.pointing,
    ) and label.observed == row.observed


def _label(build: Build, row: Row) -> Label:
    return Label(
        name=row.name,
        hash=row.hash,
        features=row.features,
        verdict=row.verdict,
        drawn=Label.Drawn.IMPORT,
        survey=build.order["survey"],
        pointing=row.pointing,
        observed=row.observed,
        person_id=build.order["person"],
        at=build.created_at,
        build=build,
        current=None,
        coming=True,
    )
