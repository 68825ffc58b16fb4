"""Make up a labelled table: many candidates, with period, DM and S/N as found."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pulsar_ml.features import FEATURES
from pulsar_ml.place import placed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pulsar_ml.simulate import Simulated

NAME = "simulated.csv"
COLUMNS = (
    "name",
    *FEATURES,
    "class",
    "pointing_utc",
    "period",
    "dm",
    "snr",
    "origin",
)
_A_POINTING = 4
_FIRST, _APART = datetime(2008, 1, 1, tzinfo=UTC), timedelta(hours=35)


def write(folder: Path, candidates: "Iterable[Simulated]") -> Path:
    """Write a labelled table that can be trained on, to try things out.

    Parameters
    ----------
    folder : Path
        Where `NAME` will stand; it exists.
    candidates : iterable of Simulated
        One a row, four a pointing.

    Returns
    -------
    Path
        The table, with `COLUMNS`.
    """
    path = folder / NAME
    with (
        placed(path) as unfinished,
        unfinished.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for place, made in enumerate(candidates):
            writer.writerow(_row(made, _FIRST + place // _A_POINTING * _APART))
    return path


def _row(made: "Simulated", at: datetime) -> list[str | int]:
    found = made.seen.found
    return [
        made.place.name,
        *(repr(float(value)) for value in made.features()),
        int(made.kind == "pulsar"),
        at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        f"{made.seen.period_s:.9g}",
        f"{found.dm:.2f}",
        f"{found.snr:.2f}",
        made.kind,
    ]
