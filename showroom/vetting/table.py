"""The queue over a filtered table of one batch, in the table's order."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from accounts.models import User
from pulsar_ml.features import FEATURES, candidate_hash
from showroom import rows
from showroom.models import Batch, Verdict
from showroom.rows.choosing import where
from showroom.vetting.place import Left, Place

# Read at first, and at most: behind a page of rows judged elsewhere more are read.
_FEW, _MOST = 20, 5_000


class Table:
    """What one person has not judged yet of the rows that a table shows."""

    def __init__(self, user: User, batch: Batch, wanted: Mapping[str, Any]) -> None:
        self.user = user
        self.batch = batch
        self.wanted = {**wanted, "after": None, "before": None}

    def following(self, place: Place | None, most: int) -> list[Place]:
        """The next in the order; rows judged in this batch are never read."""
        judged, found, size = self._judged(), list[Place](), max(_FEW, most)
        wanted = self.wanted | {"after": self._key(place) if place else None}
        while True:
            columns = ["row", *FEATURES]
            page = rows.page(self.batch, wanted, size, columns, besides=judged)
            found += [Place(self.batch.pk, row) for row in self._unjudged(page.rows)]
            if len(found) >= most or not page.next:
                return found[:most]
            wanted["after"] = json.loads(page.next)
            size = min(4 * size, _MOST)

    def preceding(self, place: Place) -> Place | None:
        """The row before it, judged or not."""
        row = self._row(place)
        if row is None:
            return None
        before = rows.beside(self.batch, self.wanted, row, backwards=True)
        return Place(self.batch.pk, before) if before else None

    def left(self) -> Left:
        """All rows of the table, less those that were judged."""
        judged = self._judged()
        return Left(sum(rows.counts(self.batch, self.wanted)) - self._n_among(judged))

    def _judged(self) -> list[int]:
        """The numbers of the rows of this batch of which the person says something."""
        said = Verdict.objects.current().of_batch(self.batch).filter(person=self.user)
        return list(said.values_list("candidate__row", flat=True))

    def _n_among(self, numbers: Sequence[int]) -> int:
        """How many of these rows the table shows."""
        if not numbers:
            return 0
        wish, values = where(self.wanted)
        asked = (
            f"select count(*) from scores where {wish} and row in (select unnest(?))"  # noqa: S608  # ours only
        )
        with rows.scores(self.batch, numbers) as connection:
            found = connection.execute(asked, [*values, list(numbers)]).fetchone()
        return found[0] if found else 0

    def _unjudged(self, found: Sequence[rows.Row]) -> list[int]:
        """Less those whose features the person judged in another batch."""
        hashes = {row["row"]: candidate_hash(row[f] for f in FEATURES) for row in found}
        same = Verdict.objects.current().filter(
            person=self.user, hash__in=list(hashes.values())
        )
        known = set(same.values_list("hash", flat=True))
        return [number for number, value in hashes.items() if value not in known]

    def _key(self, place: Place) -> tuple[Any, int] | None:
        row = self._row(place)
        column = self.wanted["sort"].removeprefix("-")
        return (row[column], row["row"]) if row else None

    def _row(self, place: Place) -> rows.Row | None:
        return rows.one(self.batch, place.row) if place.batch == self.batch.pk else None
