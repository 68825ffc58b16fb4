"""Which row of a listing is about which raw candidate: by their names alone."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import takewhile
from typing import NamedTuple

from pulsar_ml.formats.candyjar import PATH
from pulsar_ml.formats.listing import Listing, Record, folders, stem
from pulsar_ml.formats.pulsarx import numbered
from pulsar_ml.formats.table import Told

# Whatever else there is may be a raw candidate; its content says so when it is read.
_NEVER_RAW = (
    ".csv",
    ".cands",
    ".png",
    ".bestprof",
    ".txt",
    ".arff",
    ".json",
    ".jsonl",
    ".parquet",
    ".fits",
    ".vot",
    ".votable",
    ".zip",
    ".tar",
    ".tgz",
)


class _Found(NamedTuple):
    """A row for a raw candidate, and how closely both agree in their folders."""

    nearness: tuple[int, int]
    table: int
    record: Record


class Matching:
    """Gives each raw candidate at most one row of each kind of listing.

    Parameters
    ----------
    names : sequence of str
        Of all files that belong together.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self.n_rows: dict[int, int] = {}
        self._tables: dict[int, Listing] = {}
        self._found: dict[tuple[int, str], _Found] = {}
        self._raws: dict[str, list[int]] = {}
        for place, name in enumerate(names):
            if not name.lower().endswith(_NEVER_RAW):
                for key in {stem(name), numbered(stem(name))}:
                    self._raws.setdefault(key, []).append(place)

    def take(self, place: int, table: Listing) -> None:
        """Read one listing through; of its rows those are kept that found a file.

        Parameters
        ----------
        place : int
            Of its file.
        table : Listing
            The listing.
        """
        self._tables[place] = table
        spare: dict[int, list[Record]] = {}
        for record in table.records():
            self.n_rows[place] = record.number
            for raw in self._named(record.path):
                self._nearer(raw, place, table, record)
            for raw in {raw for path in record.spare for raw in self._named(path)}:
                some = spare.setdefault(raw, [])
                # That there are several is all that must be known.
                some += [record] if len(some) < 2 else []
        for raw, some in spare.items():
            if len(some) == 1:
                only = _Found((0, 0), place, some[0])
                self._found.setdefault((raw, table.naming), only)

    def given(self, place: int) -> frozenset[int]:
        """Tell which rows of a listing have found their raw candidate.

        Parameters
        ----------
        place : int
            Of its file.

        Returns
        -------
        frozenset of int
            Their numbers.
        """
        found = (one for one in self._found.values() if one.table == place)
        return frozenset(one.record.number for one in found)

    def told(self) -> Mapping[int, tuple[Told, ...]]:
        """Tell what the listings say of each raw candidate.

        Returns
        -------
        dict
            By the place of its file.
        """
        told: dict[int, tuple[Told, ...]] = {}
        n_told: dict[int, int] = {}
        for one in self._found.values():
            n_told[one.table] = n_told.get(one.table, 0) + 1
        # CandyJar's first: its columns keep their names, as they are given out again.
        for raw, naming in sorted(
            self._found, key=lambda one: (one[0], one[1] != PATH)
        ):
            one = self._found[raw, naming]
            table = self._tables[one.table]
            # The first of them speaks for all.
            note = self._note(one.table, n_told.pop(one.table, 0))
            values = partial(table.values, one.record.text)
            told[raw] = (*told.get(raw, ()), Told(table.columns, values, note))
        return told

    def _named(self, path: str) -> Iterable[int]:
        return self._raws.get(stem(path), ()) if path.strip() else ()

    def _nearer(self, raw: int, place: int, table: Listing, record: Record) -> None:
        """Let it have this row, unless it has a nearer one or one as near."""
        own, said = folders(self.names[raw]), folders(record.path)
        around = _shared(own, folders(self.names[place]))
        nearness = around, _shared(own[::-1], said[::-1])
        before = self._found.get((raw, table.naming))
        if before is None or nearness > before.nearness:
            self._found[raw, table.naming] = _Found(nearness, place, record)

    def _note(self, place: int, n: int) -> str:
        if not n:
            return ""
        own = self.names[place].rpartition("!")[2]
        others = f", as are those of {n - 1:,} more" if n > 1 else ""
        return f"Its columns in {own} are kept beside its score{others}."


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many parts both begin with."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
