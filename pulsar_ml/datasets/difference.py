"""What a dataset has that its parent had not, and the other way round."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.datasets import candidates, columns
from pulsar_ml.datasets.labelled import Labelled

# So many candidates whose class changed are named.
MOST_NAMED = 20


class _Places(NamedTuple):
    """The first row of each candidate here and there, -1 where it has none."""

    before: NDArray[np.intp]
    after: NDArray[np.intp]


class _Pairs(NamedTuple):
    """Candidates that both have: their first rows here and there."""

    before: NDArray[np.intp]
    after: NDArray[np.intp]


def difference(parent: Labelled, child: Labelled) -> dict[str, Any]:
    """Compare two datasets candidate by candidate.

    Parameters
    ----------
    parent, child : Labelled
        Their rows. Of several rows of one candidate, the first is compared.

    Returns
    -------
    dict
        ``added``, ``removed`` and ``kept``: rows and pulsars, of the child's rows but
        for what is removed; ``relabelled``: how many candidates are pulsars now
        (``to_pulsar``) or no longer (``to_other``), with ``named``, the first 20 of
        them; ``reweighted`` and ``moved``: how many candidates count otherwise, or lie
        on the other side of the hold-out; ``shifts``: by column in both the medians
        and the Kolmogorov-Smirnov distance of all values, the largest first.
    """
    # Numbers instead of hashes: they are compared thirty times as quickly.
    keys = np.concatenate([candidates.keys(parent), candidates.keys(child)])
    numbered = np.unique(keys, return_inverse=True)[1]
    known, now = np.split(numbered, [len(parent)])
    places = _Places(*(_firsts(of, len(keys)) for of in (known, now)))
    new, gone = places.before[now] < 0, places.after[known] < 0
    pairs = _pairs(places)
    return {
        "added": _count(child, new),
        "removed": _count(parent, gone),
        "kept": _count(child, ~new),
        "relabelled": _relabelled(parent, child, pairs),
        "reweighted": _differing(pairs, parent.weights, child.weights),
        "moved": _differing(pairs, parent.holdout, child.holdout),
        "shifts": _shifts(parent, child),
    }


def _firsts(candidate: NDArray[np.intp], n: int) -> NDArray[np.intp]:
    """Find the first row of each of n candidates."""
    first = np.full(n, -1)
    # Backwards: of rows given to one place, the last stays.
    first[candidate[::-1]] = np.arange(len(candidate))[::-1]
    return first


def _pairs(places: _Places) -> _Pairs:
    """Find the candidates of both, in the order of the child."""
    both = (places.before >= 0) & (places.after >= 0)
    before, after = places.before[both], places.after[both]
    order = np.argsort(after)
    return _Pairs(before[order], after[order])


def _count(table: Labelled, mask: NDArray[np.bool_]) -> dict[str, int]:
    return {"rows": int(mask.sum()), "pulsars": int(table.labels[mask].sum())}


def _differing(pairs: _Pairs, before: NDArray[Any], after: NDArray[Any]) -> int:
    return int((before[pairs.before] != after[pairs.after]).sum())


def _relabelled(parent: Labelled, child: Labelled, pairs: _Pairs) -> dict[str, Any]:
    changed = parent.labels[pairs.before] != child.labels[pairs.after]
    rows = pairs.after[changed]
    to_pulsar = int(child.labels[rows].sum())
    return {
        "to_pulsar": to_pulsar,
        "to_other": len(rows) - to_pulsar,
        "named": [
            {
                "row": int(row) + 1,
                "name": str(child.names[row]),
                "label": int(child.labels[row]),
            }
            for row in rows[:MOST_NAMED]
        ],
    }


def _shifts(parent: Labelled, child: Labelled) -> list[dict[str, Any]]:
    both = [n for n in columns.numeric(child) if n in columns.numeric(parent)]
    found = [_shift(name, parent, child) for name in both]
    return sorted((s for s in found if s), key=lambda shift: -shift["distance"])


def _shift(name: str, parent: Labelled, child: Labelled) -> dict[str, Any]:
    """Tell how far a column moved; nothing where one of them has no value."""
    before, after = (
        np.sort(values[~np.isnan(values)])
        for values in (columns.numbers(parent, name), columns.numbers(child, name))
    )
    if not len(before) or not len(after):
        return {}
    at = np.concatenate([before, after])
    shares = [np.searchsorted(of, at, side="right") / len(of) for of in (before, after)]
    return {
        "name": name,
        "before": float(f"{np.median(before):.6g}"),
        "after": float(f"{np.median(after):.6g}"),
        "distance": round(float(np.abs(shares[0] - shares[1]).max()), 4),
    }
