"""How many rows there are, by score."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from showroom import scores as ledger
from showroom.models import BINS, Batch
from showroom.rows.choosing import where
from showroom.rows.opening import scores

# The bins of the ledger, whose edges are float32 as the scores are: the product may
# round over an edge, which a look at both edges puts right.
_BY_BIN = f"""
    select least(bin - (probability < (bin / {BINS})::float)::integer
        + (probability >= ((bin + 1) / {BINS})::float)::integer, {BINS - 1}) as place,
        count(*)
    from (
        select probability, floor(probability * {BINS})::integer as bin
        from scores where {{}}
    )
    group by place
"""  # noqa: S608  # ours only


def counts(batch: Batch, wanted: Mapping[str, Any] | None = None) -> list[int]:
    """Count the rows that are wanted, or all, in the bins of the score histogram."""
    wish, values = where(wanted) if wanted else ("true", [])
    if wish == "true":
        return _listed(batch)
    # While somebody turns the pages of what fits a filter, it is counted once. Scores
    # never change after their hash is known.
    if batch.sha256:
        return list(_counted_once(batch, batch.sha256, wish, tuple(values)))
    return _counted(batch, wish, values)


def _listed(batch: Batch) -> list[int]:
    found = np.zeros(BINS, dtype=int)
    for histogram in batch.chunks.values_list("histogram", flat=True):
        found += np.array(histogram)
    if batch.day:
        cases = batch.predictions.values_list("probability", flat=True)
        found += np.array(ledger.histogram(np.array(cases)))
    return [int(count) for count in found]


@lru_cache(maxsize=256)
def _counted_once(
    batch: Batch, sha256: str, wish: str, values: tuple[Any, ...]
) -> tuple[int, ...]:
    return tuple(_counted(batch, wish, values))


def _counted(
    batch: Batch, wish: str, values: "tuple[Any, ...] | list[Any]"
) -> list[int]:
    with scores(batch) as connection:
        found = connection.execute(_BY_BIN.format(wish), values).fetchall()
    by_bin = dict(found)
    return [by_bin.get(place, 0) for place in range(BINS)]
