"""The rows that two versions call differently, each with the page where it is seen."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from registry.card.missed import judged
from registry.models import Comparison, Dataset

# So many stand on a page at once; all others are behind a fold.
SHOWN = 20


class Row(NamedTuple):
    """One row, with its place among the site's rows where somebody judged it."""

    number: int
    name: str
    hash: str
    is_pulsar: bool
    candidate: float
    champion: float
    batch: int | None
    row: int | None

    @property
    def called(self) -> str:
        """Its name; a row without one goes by the beginning of its hash."""
        return self.name or self.hash[:12]


class Disagreed(NamedTuple):
    """Those that differ most, of how many, and which rows were looked at."""

    dataset: Dataset
    rows: list[Row]
    n: int
    n_pulsars: int
    looked_at: int
    # Rows that neither was trained on; else all there are.
    unseen: bool

    @property
    def first(self) -> list[Row]:
        return self.rows[:SHOWN]

    @property
    def others(self) -> list[Row]:
        return self.rows[SHOWN:]


def disagreed(comparison: Comparison) -> Disagreed | None:
    """What the comparison has listed; None where it had no rows."""
    found = comparison.findings.get("disagree")
    if not found or comparison.dataset is None:
        return None
    return Disagreed(
        comparison.dataset,
        _rows(found["listed"]),
        found["count"],
        found["pulsars"],
        found["rows"],
        found["unseen"],
    )


def _rows(listed: list[Mapping[str, Any]]) -> list[Row]:
    hashes = [each["hash"] for each in listed]
    places = {
        digest: (batch, row)
        for digest, batch, row in judged(hashes).values_list("hash", "batch", "row")
    }
    return [
        Row(
            each["row"],
            each["name"],
            each["hash"],
            each["label"] == 1,
            each["candidate"],
            each["champion"],
            *places.get(each["hash"], (None, None)),
        )
        for each in listed
    ]
