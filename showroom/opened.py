"""Many candidates of a batch, put beside each other."""

from collections.abc import Sequence
from typing import NamedTuple

from pulsar_ml.catalogue import Match
from pulsar_ml.features import FEATURES
from showroom import catalogue, raw, rows
from showroom.models import Batch
from showroom.rows.reading import named

# Together on one page.
MOST = 50


class Opened(NamedTuple):
    """A row as it is put beside others: with its plots or, without any, its values."""

    row: rows.Row
    has_plots: bool
    features: list[tuple[str, float]]
    known: Match | None


def look(batch: Batch, numbers: Sequence[int]) -> list[Opened]:
    """The rows of these numbers, in their order, as far as they were scored."""
    if not numbers:
        return []
    listed = ", ".join(map(str, numbers))
    with rows.scores(batch, numbers) as connection:
        cursor = connection.execute(
            f"select * from scores where row in ({listed})"  # noqa: S608  # numbers
        )
        found = {row["row"]: row for row in named(cursor, cursor.fetchall())}
    return [_opened(batch, found[number]) for number in numbers if number in found]


def _opened(batch: Batch, row: rows.Row) -> Opened:
    said = raw.metadata(batch, row)
    matches = catalogue.ask(catalogue.seen(said)).matches
    # No file is opened for the answer: there are many on a page.
    has_plots = raw.case_of(row) is not None if batch.day else "source" in said
    return Opened(
        row,
        has_plots=has_plots,
        features=[(name, row[name]) for name in FEATURES],
        known=next(iter(matches), None),
    )
