"""Labelled candidates like HTRU2's, made up: as many as wanted, the same for a seed."""

from pathlib import Path

import numpy as np

from pulsar_ml.datasets.labelled import Labelled, labelled
from pulsar_ml.features import FEATURES


def table(n: int = 2000, *, seed: int = 0, pointings: bool = True) -> Labelled:
    """Every tenth row a pulsar; four rows a pointing; the last third in 2010."""
    rng = np.random.default_rng(seed)
    labels = (np.arange(n) % 10 == 0).astype(np.int8)
    profile = moments(rng, n, mean=110 - 30 * labels, skew=0.5 + 1 * labels)
    dm = moments(rng, n, mean=5 + 20 * labels, skew=8 - 1 * labels)
    features = np.hstack([profile, dm]).round(7)
    return labelled(
        features,
        labels,
        name="simulated.csv",
        sha256="0" * 64,
        pointings=np.array(
            [_pointing(row, n) if pointings else "" for row in range(n)]
        ),
    )


def observed(n: int = 2000, *, seed: int = 0) -> Labelled:
    """With period, DM, S/N and beam; the weaker a pulsar, the more it is like the rest.

    Every third row is a pulsar, so that parts of the hold-out have enough of them.
    """
    rng = np.random.default_rng(seed)
    labels = (np.arange(n) % 3 == 0).astype(np.int8)
    snr = 6 + rng.exponential(6, n)
    strength = labels * np.clip((snr - 6) / 6, 0, 1)
    profile = moments(rng, n, mean=110 - 60 * strength, skew=0.5 + 3 * strength)
    dm = moments(rng, n, mean=5 + 40 * strength, skew=8 - 2 * strength)
    return labelled(
        np.hstack([profile, dm]).round(7),
        labels,
        name="observed.csv",
        names=np.array([f"simulated-{row}" for row in range(n)]),
        pointings=np.array([_pointing(row, n) for row in range(n)]),
        observed={
            "period": 10 ** rng.normal(-0.3, 0.5, n),
            "dm": 10 ** rng.normal(1.9, 0.4, n),
            "snr": snr,
            "beam": 1.0 + np.arange(n) % 2,
        },
    )


def write(path: Path, made: Labelled) -> Path:
    """As HTRU_2.csv and HTRU_2_observations.csv are written; the table's path."""
    lines = [",".join([*FEATURES, "class"])]
    for values, label in zip(made.features, made.labels, strict=True):
        lines.append(",".join([*(repr(float(value)) for value in values), str(label)]))
    path.write_text("\n".join(lines) + "\n")
    seen = [f"{row},{utc}" for row, utc in enumerate(made.pointings) if utc]
    beside = path.with_name(f"{path.stem}_observations.csv")
    beside.write_text("\n".join(["row,pointing_utc", *seen]) + "\n")
    return path


def moments(rng, n, *, mean, skew):
    """Four moments within Pearson's bound."""
    skew = skew + rng.normal(0, 1, n)
    return np.column_stack(
        [
            mean + rng.normal(0, 15, n),
            30 + rng.gamma(4, 3, n),
            skew,
            skew**2 - 2 + rng.gamma(2, 1, n),
        ]
    )


def _pointing(row: int, n: int) -> str:
    year = 2008 + 3 * row // n
    minute = row // 4
    return (
        f"{year}-01-{1 + minute // 1440:02}T{minute // 60 % 24:02}:{minute % 60:02}:00Z"
    )
