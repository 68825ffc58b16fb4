"""How many rows there are, by score; and which, where they are few."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from showroom import scores as ledger
from showroom.models import BINS, Batch
from showroom.rows.choosing import where
from showroom.rows.opening import scores

# So many rows that fit a filter are remembered besides their count. They are then read
# in every order by their numbers, which is a lot quicker than to look for names again.
_FEW = 20_000

# As a text among the values of a filter.
_LONG = 10_000

# The bins of the ledger, whose edges are float32 as the scores are: the product may
# round over an edge, which a look at both edges puts right.
_BY_BIN = f"""
    select least(bin - (probability < (bin / {BINS})::float)::integer
        + (probability >= ((bin + 1) / {BINS})::float)::integer, {BINS - 1}) as place,
        count(*),
        case when sum(count(*)) over () <= {{few}} then min(row, {{few}}) end
    from (
        select row, probability, floor(probability * {BINS})::integer as bin
        from scores where {{wish}}
    )
    group by place
"""  # noqa: S608  # ours only


class _Fitting(NamedTuple):
    """How many rows fit a filter in each bin, and their numbers, if they are few."""

    by_bin: list[int]
    numbers: np.ndarray | None


def counts(batch: Batch, wanted: Mapping[str, Any] | None = None) -> list[int]:
    """Count the rows that are wanted, or all, in the bins of the score histogram."""
    wish, values = where(wanted) if wanted else ("true", [])
    if wish == "true":
        return _listed(batch)
    return list(_fitting(batch, wish, values).by_bin)


def few(batch: Batch, wanted: Mapping[str, Any]) -> list[int] | None:
    """The numbers of the rows that are wanted, in any order; None if they are many."""
    wish, values = where(wanted)
    # What cannot be remembered is not worth a look of its own.
    if wish == "true" or not batch.sha256:
        return None
    numbers = _fitting(batch, wish, values).numbers
    return None if numbers is None else numbers.tolist()


def _listed(batch: Batch) -> list[int]:
    found = np.zeros(BINS, dtype=int)
    for histogram in batch.chunks.values_list("histogram", flat=True):
        found += np.array(histogram)
    if batch.day:
        cases = batch.predictions.values_list("probability", flat=True)
        found += np.array(ledger.histogram(np.array(cases)))
    return [int(count) for count in found]


def _fitting(batch: Batch, wish: str, values: Sequence[Any]) -> _Fitting:
    # While somebody turns the pages of what fits a filter, it is counted once. Scores
    # never change after their hash is known. What is said of rows does: that is asked
    # for by their numbers, and of many of these few copies are kept.
    if not batch.sha256:
        return _counted(batch, wish, values)
    is_long = any(len(str(value)) > _LONG for value in values)
    once = _counted_lately if is_long else _counted_once
    return once(batch, batch.sha256, wish, tuple(values))


@lru_cache(maxsize=128)
def _counted_once(
    batch: Batch, sha256: str, wish: str, values: tuple[Any, ...]
) -> _Fitting:
    return _counted(batch, wish, values)


@lru_cache(maxsize=4)
def _counted_lately(
    batch: Batch, sha256: str, wish: str, values: tuple[Any, ...]
) -> _Fitting:
    return _counted(batch, wish, values)


def _counted(batch: Batch, wish: str, values: Sequence[Any]) -> _Fitting:
    with scores(batch) as connection:
        asked = _BY_BIN.format(few=_FEW, wish=wish)
        found = connection.execute(asked, values).fetchall()
    by_bin = [0] * BINS
    for place, count, _ in found:
        by_bin[place] = count
    if sum(by_bin) > _FEW:
        return _Fitting(by_bin, None)
    numbers = chain.from_iterable(some for _, _, some in found)
    return _Fitting(by_bin, np.fromiter(numbers, dtype="int64"))
