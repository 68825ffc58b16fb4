"""How often the audited interval holds the truth, beside the naive figure.

    PULSARSITE_DATA=... python benchmarks/audit_months.py [--months N] [--rows N]
                                                          [--share SHARE]

A month serves N rows drawn again from the part of HTRU2 that the shipped champion has
never seen; in the second world there are five times fewer pulsars, in the third the
model has become worse: noise is added to the features. Chance picks the share of rows
that people judge. Beside that, people correct by themselves what they come upon: a
third of what was wrongly called a pulsar, and one pulsar in fifty of those missed.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from pulsar_ml.datasets.files import find, load
from pulsar_ml.evaluation import audit
from pulsar_ml.serving import Scorer, shipped

NAMES = ("hit rate", "precision", "recall")
FIXED_OF_CALLED, FIXED_OF_MISSED = 1 / 3, 1 / 50
# Of the normal distribution, for the naive interval (Wilson 1927).
Z = 1.959964


class World(NamedTuple):
    """Rows that months are drawn from: pulsars rarer, or features noisier."""

    name: str
    pulsars: float = 1.0
    noise: float = 0.0


WORLDS = (
    World("as HTRU2"),
    World("five times fewer pulsars", pulsars=0.2),
    World("noisier features", noise=0.3),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--months", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--share", type=float, default=0.02)
    asked = parser.parse_args()
    features, labels = _held_out()
    scorer = Scorer(shipped()[0])
    print(f"{asked.months} months of {asked.rows:,} rows, {asked.share:.1%} audited")
    print("| world | figure | truth | audited holds it | width | naive holds it |")
    print("| --- | --- | --- | --- | --- | --- |")
    for world in WORLDS:
        rng = np.random.default_rng(20261122)
        moved = features + world.noise * features.std(axis=0) * rng.normal(
            size=features.shape
        )
        scores = scorer.score(moved).astype(np.float64)
        weights = np.where(labels == 1, world.pulsars, 1.0)
        rows = Rows(scores, labels, weights / weights.sum())
        months = [
            _month(rows, scorer.threshold, asked, rng) for _ in range(asked.months)
        ]
        for line in _lines(world, months):
            print(line)


class Rows(NamedTuple):
    """What months are drawn from, and how probable each row is to be drawn."""

    scores: NDArray[np.float64]
    labels: NDArray[np.int8]
    weights: NDArray[np.float64]


class Month(NamedTuple):
    """What was true, and what was said of it."""

    truth: tuple[float, float, float]
    said: audit.Audited | None
    naive: tuple[float, float]


def _month(
    rows: Rows, threshold: float, asked: argparse.Namespace, rng: np.random.Generator
) -> Month:
    scores, labels, weights = rows
    drawn = rng.choice(len(scores), size=asked.rows, p=weights)
    score, label = scores[drawn], labels[drawn]
    called = score >= threshold
    of_stratum = audit.strata(score, threshold)
    chance = audit.chances(of_stratum, score, asked.share)[of_stratum]
    looked_at = rng.random(asked.rows) < chance
    said = audit.audited(
        np.bincount(of_stratum, minlength=audit.N_STRATA),
        of_stratum[looked_at],
        label[looked_at],
        chance[looked_at],
        seed=int(rng.integers(2**31)),
    )
    right = called == (label == 1)
    hits = (called & (label == 1)).sum()
    truth = right.mean(), hits / called.sum(), hits / (label == 1).sum()
    fixed = np.where(called, FIXED_OF_CALLED, FIXED_OF_MISSED)
    errors = (~right & (rng.random(asked.rows) < fixed)).sum()
    return Month(truth, said, _wilson(asked.rows - errors, asked.rows))


def _wilson(hits: int, n: int) -> tuple[float, float]:
    share, square = hits / n, Z * Z
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = (
        Z * np.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    )
    return middle - half, middle + half


def _lines(world: World, months: list[Month]) -> Iterator[str]:
    told = [month for month in months if month.said]
    saids = [month.said for month in months if month.said]
    for place, name in enumerate(NAMES):
        estimates = [
            (said.hit_rate, said.precision, said.recall)[place] for said in saids
        ]
        truths = [month.truth[place] for month in told]
        # A month in which no pulsar was judged tells no recall.
        pairs = [
            (one, truth) for one, truth in zip(estimates, truths, strict=True) if one
        ]
        held = np.mean([one.low <= truth <= one.high for one, truth in pairs])
        width = np.mean([one.high - one.low for one, _ in pairs])
        naive = "–"
        if place == 0:
            hit = [low <= m.truth[0] <= high for m in told for low, high in [m.naive]]
            naive = f"{np.mean(hit):.1%}"
        of = f"{held:.1%} of {len(pairs)}"
        mean = np.mean(truths)
        yield f"| {world.name} | {name} | {mean:.3f} | {of} | {width:.3f} | {naive} |"


def _held_out() -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """What no version was ever trained on."""
    table = load(*find(None, None))
    return table.features[table.holdout], table.labels[table.holdout]


if __name__ == "__main__":
    main()
