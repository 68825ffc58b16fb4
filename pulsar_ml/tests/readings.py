"""Readings of a table one after the other, as the site has them made."""

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from pulsar_ml.databases import read
from pulsar_ml.features import FEATURES

if TYPE_CHECKING:
    import pandas as pd

# A table whose features are called f0 to f7, and what fills those.
FEATURES_SQL = ", ".join(f"f{n} DOUBLE PRECISION" for n in range(8))
COLUMNS = {name: f"f{n}" for n, name in enumerate(FEATURES)}
VALUES = "1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5"


class Readings:
    """Each goes on where the one before has ended."""

    def __init__(self, engine, folder: Path, **reading) -> None:
        self.engine = engine
        self.folder = folder
        self.reading = {
            "table": "candidates",
            "select": "",
            "key": "id",
            "mark": "",
            "overlap": 0,
            "columns": COLUMNS,
            "keep": [],
            "label": "",
        } | reading
        self.after = self.seen = None
        self.number = 0
        self.done = {}

    def pages(self, *, most=1_000, page_rows=3, heard=lambda line: None):
        """Read once; the pages as frames."""
        self.number += 1
        into = self.folder / f"reading-{self.number}"
        into.mkdir()
        order = {
            "verb": "read",
            "target": self.engine.target(),
            "reading": self.reading,
            "after": self.after,
            "seen": self.seen,
            "into": str(into),
            "most": most,
            "page_rows": page_rows,
        }
        told = []

        def tell(line) -> None:
            told.append(line)
            heard(line)

        read.read(order, tell)
        self.done = told.pop()["done"]
        self.after, self.seen = self.done["position"], self.done["seen"]
        lines = [line for line in told if "page" in line]
        frames = [_frame(line["page"]) for line in lines]
        for line, frame in zip(lines, frames, strict=True):
            assert line["rows"] == len(frame)
            assert [line["first"], line["last"]] == frame["name"].iloc[[0, -1]].tolist()
        return frames

    def names(self, **how) -> list[str]:
        """Read once; the keys in their order."""
        return [name for frame in self.pages(**how) for name in frame["name"]]

    def all_names(self, **how) -> list[str]:
        """Read as often as there is more."""
        names = self.names(**how)
        while self.done["more"]:
            names += self.names(**how)
        return names


def _frame(path: str) -> "pd.DataFrame":
    return duckdb.connect().execute("from read_parquet(?)", [path]).df()


def table(engine, key="BIGINT PRIMARY KEY", more="", named="candidates") -> None:
    """Make an empty table of candidates."""
    columns = f"id {key}, {FEATURES_SQL}{', ' if more else ''}{more}"
    engine.execute(f"CREATE TABLE {named} ({columns})")


def put(engine, key, *more, named="candidates") -> None:
    """Add a candidate, with what its further columns hold."""
    places = ", ".join("?" * (1 + len(more)))
    first, *others = places.split(", ")
    values = ", ".join([first, VALUES, *others])
    engine.execute(f"INSERT INTO {named} VALUES ({values})", key, *more)
