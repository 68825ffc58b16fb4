"""How much recall a candidate would lose, over all rows and in slices."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.evaluation.beside import too_few
from pulsar_ml.evaluation.contenders import Contender, Margins, nobody_knows
from pulsar_ml.evaluation.disagree import disagree
from pulsar_ml.evaluation.groups import groups
from pulsar_ml.evaluation.intervals import percentiles
from pulsar_ml.evaluation.paired import Pair, Tell, at_most, drawn_differences

# Rows that are scored between two signs of life.
_BLOCK = 65_536
# A share of counts that is exactly the margin has not fallen by more than that.
_EVEN = 1e-9


def without_rows(why: str) -> dict[str, Any]:
    """Say that there is nothing to say.

    Parameters
    ----------
    why : str
        The reason, in words.

    Returns
    -------
    dict
        The same keys, with nothing in them.
    """
    nothing = dict.fromkeys(("fpr", "thresholds", "recall", "disagree"))
    return {"rows": 0, "pulsars": 0, **nothing, "slices": [], "why": why}


class ByRows(NamedTuple):
    """Two versions before the rows of a table, and by what they are judged.

    Attributes
    ----------
    candidate, champion : Contender
        Who would take the place, and who has it.
    margins : Margins
        What may be lost.
    seed : int
        Of the bootstrap.
    tell : callable
        Told how much is done, of how much.
    """

    candidate: Contender
    champion: Contender
    margins: Margins
    seed: int
    tell: Tell

    def judge(self, table: Labelled) -> dict[str, Any]:
        """Compare them on those rows that neither was trained on.

        Parameters
        ----------
        table : Labelled
            All rows of a dataset.

        Returns
        -------
        dict
            What `pulsar_ml.evaluation.gate.gate` says of rows.
        """
        seen = self.candidate.judge.trained_on() | self.champion.judge.trained_on()
        is_unseen = ~np.isin(table.hashes, sorted(seen))
        if unknown := nobody_knows(self.candidate, self.champion):
            # Any row may be one that it learned from.
            is_unseen = np.zeros(len(table), dtype=np.bool_)
        rows = table.take(is_unseen)
        counts = {"rows": len(rows), "pulsars": rows.pulsars}
        if why := unknown or too_few(rows):
            # Where they disagree is worth a look all the same, on whatever rows.
            looked_at, places = table, np.arange(len(table))
        else:
            looked_at, places = rows, np.flatnonzero(is_unseen)
        ours, theirs = self._scores(looked_at)
        disagreed = disagree(
            looked_at,
            places + 1,
            (ours, self.candidate.judge.threshold),
            (theirs, self.champion.judge.threshold),
        )
        apart = {"disagree": {"unseen": not why, **disagreed}}
        if why:
            return {**without_rows(why), **counts, **apart}
        at = self.champion.judge.threshold
        pair = Pair(rows.labels, rows.groups, ours, theirs, at)
        return {**counts, **self._compared(pair, rows), **apart, "why": ""}

    def _scores(self, table: Labelled) -> list[NDArray[np.float32]]:
        """Both versions' scores, in blocks: a million rows outlast a lease."""
        starts = range(0, len(table), _BLOCK)
        found: list[NDArray[np.float32]] = []
        for version in (self.candidate, self.champion):
            blocks = [np.empty(0, dtype=np.float32)]
            for first in starts:
                rows = table.features[first : first + _BLOCK]
                blocks.append(version.judge.score(rows))
                self.tell(len(found) * len(table) + first + len(rows), 4 * len(table))
            found.append(np.concatenate(blocks))
        return found

    def _compared(self, pair: Pair, rows: Labelled) -> dict[str, Any]:
        candidate_at = at_most(pair.allowed, pair.labels, pair.candidate)
        calls = pair.candidate >= candidate_at, pair.champion >= pair.at
        pulsar = pair.labels == 1
        parts = ((group, group.rows & pulsar) for group in groups(rows))
        slices = [
            {"column": group.column, "label": group.label, **self._slice(calls, part)}
            for group, part in parts
            if part.any()
        ]
        others = len(rows) - rows.pulsars
        return {
            "fpr": round(pair.allowed / others, 6),
            "thresholds": {
                "candidate": round(candidate_at, 6),
                "champion": round(pair.at, 6),
            },
            "recall": self._recall(pair, _shares(calls, pulsar)),
            "slices": sorted(slices, key=_badness),
        }

    def _recall(self, pair: Pair, shares: tuple[float, float]) -> dict[str, Any]:
        difference = shares[0] - shares[1]
        half = 2 * self.margins.resamples
        drawn = drawn_differences(
            pair,
            self.margins.resamples,
            seed=self.seed,
            tell=lambda done, of: self.tell(half + 2 * done, 4 * of),
        )
        between = percentiles(difference, drawn)
        return {
            **_told(shares, self.margins.recall),
            "low": round(between["low"], 4),
            "high": round(between["high"], 4),
        }

    def _slice(
        self,
        calls: tuple[NDArray[np.bool_], NDArray[np.bool_]],
        part: NDArray[np.bool_],
    ) -> dict[str, Any]:
        pulsars = int(np.count_nonzero(part))
        counts = pulsars >= self.margins.slice_pulsars
        told = _told(_shares(calls, part), self.margins.in_slice)
        lost = counts and told["lost"]
        return {"pulsars": pulsars, **told, "counts": counts, "lost": lost}


def _shares(
    calls: tuple[NDArray[np.bool_], NDArray[np.bool_]], part: NDArray[np.bool_]
) -> tuple[float, float]:
    """Give the share of these pulsars that each finds, the candidate's first."""
    # As Python's own numbers: what comes of numpy's is nothing that JSON knows.
    n, ours, theirs = (int(np.count_nonzero(part & each)) for each in (part, *calls))
    return ours / n, theirs / n


def _told(shares: tuple[float, float], margin: float) -> dict[str, Any]:
    ours, theirs = shares
    return {
        "champion": round(theirs, 4),
        "candidate": round(ours, 4),
        "difference": round(ours - theirs, 4),
        "margin": margin,
        "lost": theirs - ours > margin + _EVEN,
    }


def _badness(part: dict[str, Any]) -> tuple[bool, bool, float]:
    return not part["lost"], not part["counts"], part["difference"]
