"""Samples and their means, read alike."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet

from monitor.figures.samples import key
from monitor.models import Mean, Sample

_COLUMNS = ("name", "labels", "at", "n", "value", "least", "most", "last")


class Row(NamedTuple):
    """One sample, or what many were."""

    name: str
    labels: str
    at: datetime
    n: int
    value: float
    least: float
    most: float
    last: float


@dataclass
class Pool:
    """Rows taken together; means count as often as the samples they are of."""

    n: int = 0
    total: float = 0.0
    least: float = float("inf")
    most: float = float("-inf")
    last: float = 0.0

    def add(self, row: Row) -> None:
        """Take one more in; the latest comes last."""
        self.n += row.n
        self.total += row.n * row.value
        # Not min() and max(): a page takes ten thousands of rows together.
        if row.least < self.least:
            self.least = row.least
        if row.most > self.most:
            self.most = row.most
        self.last = row.last

    @property
    def mean(self) -> float:
        return self.total / self.n


def rows(
    span: int | None, since: datetime, before: datetime, names: Sequence[str] = ()
) -> Iterator[Row]:
    """Means of this span, or single samples, from the oldest on; of all, or of some."""
    only = {"name__in": names} if names else {}
    stretch = {"at__gte": since, "at__lt": before}
    if span is None:
        singles = Sample.objects.filter(**stretch, **only).order_by("at", "pk")
        for name, labels, at, value in singles.values_list(
            "name", "labels", "at", "value"
        ):
            yield Row(name, key(labels), at, 1, value, value, value, value)
        return
    means = Mean.objects.filter(span=span, **stretch, **only).order_by("at")
    yield from map(Row._make, means.values_list(*_COLUMNS))


def names_in(there: QuerySet[Sample] | QuerySet[Mean]) -> Iterator[str]:
    """Each name that occurs, by leaps in the index: of each there are thousands."""
    in_order = there.order_by("name").values_list("name", flat=True)
    name = in_order.first()
    while name:
        yield name
        name = in_order.filter(name__gt=name).first()
