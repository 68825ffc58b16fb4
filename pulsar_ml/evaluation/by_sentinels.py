"""Which sentinels a candidate would win and lose."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pulsar_ml.evaluation.contenders import Contender, Known, nobody_knows


def by_sentinels(
    candidate: Contender, champion: Contender, sentinels: Sequence[Known]
) -> dict[str, Any]:
    """Say which of the sentinels each version finds at its own threshold.

    Parameters
    ----------
    candidate, champion : Contender
        Who would take the place, and who has it.
    sentinels : sequence of Known
        The sentinel set.

    Returns
    -------
    dict
        With found_by_both and found_by_neither, how many; won, names; lost, of each
        its name, hash and both scores; not_comparable, of each its name and which of
        the two was trained on it; and both thresholds.
    """
    sides = [(side, side.judge.trained_on()) for side in (candidate, champion)]
    told: list[dict[str, str]] = []
    fair: list[Known] = []
    for one in sentinels:
        seen = [
            side.name if one.hash in trained_on else f"{side.name}, perhaps"
            for side, trained_on in sides
            if one.hash in trained_on or nobody_knows(side)
        ]
        if seen:
            told.append({"name": one.name, "trained_on_by": " and ".join(seen)})
        else:
            fair.append(one)
    features = np.array([one.features for one in fair], dtype=np.float64).reshape(-1, 8)
    ours, theirs = (side.judge.score(features) for side, _ in sides)
    finds = ours >= candidate.judge.threshold, theirs >= champion.judge.threshold
    return {
        "found_by_both": int(np.count_nonzero(finds[0] & finds[1])),
        "found_by_neither": int(np.count_nonzero(~finds[0] & ~finds[1])),
        "won": [fair[row].name for row in np.flatnonzero(finds[0] & ~finds[1])],
        "lost": [
            {
                "name": fair[row].name,
                "hash": fair[row].hash,
                "champion": round(float(theirs[row]), 6),
                "candidate": round(float(ours[row]), 6),
            }
            for row in np.flatnonzero(finds[1] & ~finds[0])
        ],
        "not_comparable": told,
        "thresholds": {
            "candidate": round(candidate.judge.threshold, 6),
            "champion": round(champion.judge.threshold, 6),
        },
    }
