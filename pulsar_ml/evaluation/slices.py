"""Where a version does badly: its figures in parts of the test rows, worst first."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.evaluation.groups import Group, groups
from pulsar_ml.evaluation.intervals import rounded, wilson

# With fewer, an interval is wider than anything that one would like to know.
FEWEST = 20


def slices(
    table: Labelled, scores: NDArray[np.floating[Any]], threshold: float
) -> list[dict[str, Any]]:
    """Judge a version in each part of the rows.

    Parameters
    ----------
    table : Labelled
        Rows that the version was not trained on.
    scores : ndarray of shape (n_rows,)
        Probabilities.
    threshold : float
        A row that reaches it is called a pulsar.

    Returns
    -------
    list of dict
        With column, label, rows, pulsars; recall and fpr with Wilson's interval, None
        where fewer than 20 pulsars or others are there to count over; enough, whether
        both are told, and why not. The lowest recall first (then the highest fpr),
        those with too few rows last.
    """
    called = scores >= threshold
    found = [_judged(group, table.labels == 1, called) for group in groups(table)]
    return sorted(found, key=_badness)


def _judged(
    group: Group, pulsar: NDArray[np.bool_], called: NDArray[np.bool_]
) -> dict[str, Any]:
    sides = {"recall": group.rows & pulsar, "fpr": group.rows & ~pulsar}
    counts = {name: int(np.count_nonzero(side)) for name, side in sides.items()}
    known = {
        name: wilson(int(np.count_nonzero(called & side)), counts[name])
        for name, side in sides.items()
        if counts[name] >= FEWEST
    }
    figures = {**dict.fromkeys(sides), **rounded(known)}
    return {
        "column": group.column,
        "label": group.label,
        "rows": sum(counts.values()),
        "pulsars": counts["recall"],
        **figures,
        "enough": len(known) == len(sides),
        "why": _why(counts),
    }


def _why(counts: dict[str, int]) -> str:
    words = {"recall": ("pulsar", "pulsars"), "fpr": ("other", "others")}
    few = [
        f"{counts[name]} {one if counts[name] == 1 else many}"
        for name, (one, many) in words.items()
        if counts[name] < FEWEST
    ]
    needed = f"{FEWEST} of each are needed" if few[1:] else f"{FEWEST} are needed"
    return f"{' and '.join(few)}; {needed}" if few else ""


def _badness(part: dict[str, Any]) -> tuple[bool, float, float, str, str]:
    recall, fpr = part["recall"], part["fpr"]
    return (
        not part["enough"],
        recall["value"] if recall else 1.0,
        -fpr["value"] if fpr else 0.0,
        part["column"],
        part["label"],
    )
