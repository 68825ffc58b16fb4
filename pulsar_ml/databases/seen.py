"""Which rows were read that the next reading meets again."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pulsar_ml import parquet
from pulsar_ml.databases import marks
from pulsar_ml.databases.keyset import Edge
from pulsar_ml.place import placed

if TYPE_CHECKING:
    import pandas as pd

# So many pages are kept in memory: a small overlap needs no more.
_PAGES = 2
_BATCH = 65_536
# How DuckDB compares what gives the order; that more is kept does no harm.
_COMPARED = {
    marks.INTEGER: "cast({} as hugeint) >= cast(? as hugeint)",
    marks.FLOAT: "cast({} as double) >= cast(? as double)",
    marks.DECIMAL: "cast({} as double) >= cast(? as double) * (1 - 1e-12)",
    marks.TIME: "{} >= ?",
}


class Seen:
    """Rows that were read, by mark and key, in bounded memory.

    Parameters
    ----------
    temp : Path
        A folder for what does not fit into memory.
    place : int
        Which of mark and key gives the order.
    """

    def __init__(self, temp: Path, place: int) -> None:
        self._temp = temp
        self._place = place
        self._known = np.array([], dtype=np.int64)
        self._earlier: Path | None = None
        self._pages: list[Sequence[Edge]] = []
        self._aside: list[tuple[Any, Path]] = []
        self._n_aside = 0

    def load(self, path: Path | None, last: Edge, kinds: Mapping[str, str]) -> None:
        """Remember what earlier readings have read.

        Parameters
        ----------
        path : Path or None
            What `keep` wrote.
        last : Edge
            Where the last of them has ended.
        kinds : mapping
            What keys (``kind``) and marks (``mark_kind``) are.
        """
        hashes = [_hashes([last])]
        if path:
            hashes += map(_hashes, self._read(path, kinds))
        self._earlier = path
        # Two of a million rows have the same 64 bits once in ten million readings.
        self._known = np.sort(np.concatenate(hashes))

    def _read(self, path: Path, kinds: Mapping[str, str]) -> Iterator[list[Edge]]:
        with parquet.connection(self._temp, folders=[path.parent]) as opened:
            opened.execute(f"select mark, key from {parquet.scan([path])}")  # noqa: S608
            while rows := opened.fetchmany(_BATCH):
                found, keys = zip(*rows, strict=True)
                kind = kinds["mark_kind"]
                read = _all_read(found, kind) if kind else repeat(None)
                yield list(zip(read, _all_read(keys, kinds["kind"]), strict=False))

    def is_new(self, edges: Sequence[Edge]) -> list[bool]:
        """Say which rows were not read before.

        Parameters
        ----------
        edges : sequence of Edge
            Of a page.

        Returns
        -------
        list of bool
            One for each.
        """
        if not len(self._known):
            return [True] * len(edges)
        hashes = _hashes(edges)
        places = np.searchsorted(self._known, hashes)
        found = self._known[np.minimum(places, len(self._known) - 1)]
        return [bool(new) for new in found != hashes]

    def add(self, edges: Sequence[Edge], low: Any) -> None:
        """Remember rows, and forget pages that lie wholly before the next reading.

        Parameters
        ----------
        edges : sequence of Edge
            What was read.
        low : object
            Where the next reading would begin; None where the database alone can
            tell: then the last two pages are enough.
        """
        if low is None:
            self._pages = [*self._pages[-1:], edges]
            return
        place = self._place
        self._aside = [(end, path) for end, path in self._aside if end >= low]
        self._pages = [page for page in self._pages if page[-1][place] >= low]
        self._pages.append(edges)
        if len(self._pages) > _PAGES:
            oldest = self._pages.pop(0)
            self._n_aside += 1
            path = self._temp / f"seen-{self._n_aside}.parquet"
            parquet.write(path, _frame(oldest), temp=self._temp)
            self._aside.append((oldest[-1][place], path))

    def keep(self, path: Path, order_kind: str, wanted: Any) -> None:
        """Write what the next reading meets again.

        Parameters
        ----------
        path : Path
            A Parquet file.
        order_kind : str
            What gives the order.
        wanted : object
            Where the next reading begins; of texts, those where it does.
        """
        files = [aside for _, aside in self._aside]
        files += [self._earlier] if self._earlier else []
        place = ("mark", "key")[self._place]
        if order_kind == marks.TEXT:
            where, value = f"list_contains(?, {place})", wanted
        else:
            where = _COMPARED[order_kind].format(place)
            value = marks.written(wanted)
        rest = _frame([edge for page in self._pages for edge in page]).astype("str")
        tables = ["rest", *[parquet.scan([file]) for file in files]]
        every = " union all ".join(f"select mark, key from {t}" for t in tables)  # noqa: S608
        folders = [path.parent, *{file.parent for file in files}]
        with (
            placed(path) as unfinished,
            parquet.connection(self._temp, folders=folders) as opened,
        ):
            opened.register("rest", rest)
            opened.execute(
                f"copy (select mark, key from ({every}) where {where}) "  # noqa: S608
                f"to {parquet.quoted(str(unfinished))} (format parquet)",
                [value],
            )


def _all_read(texts: Sequence[str], kind: str) -> list[Any]:
    return [marks.read(text, kind) for text in texts]


def _hashes(edges: Sequence[Edge]) -> "np.ndarray[Any, np.dtype[np.int64]]":
    return np.fromiter(map(hash, edges), dtype=np.int64, count=len(edges))


def _frame(edges: Sequence[Edge]) -> "pd.DataFrame":
    import pandas as pd  # slow, and no start of a program needs it

    found, keys = zip(*edges, strict=True) if edges else ((), ())
    columns = {
        "mark": ["" if mark is None else marks.written(mark) for mark in found],
        "key": list(map(marks.written, keys)),
    }
    return pd.DataFrame(columns, dtype=object)
