"""Read what is new in a table, as pages for the site's own reader."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate, compress
from operator import itemgetter
from pathlib import Path
from typing import Any

from pulsar_ml import parquet
from pulsar_ml.databases import crash, marks, position
from pulsar_ml.databases.connect import connect
from pulsar_ml.databases.keyset import Edge, Keyset, Page
from pulsar_ml.databases.reading import Layout, Reading
from pulsar_ml.databases.relation import Relation
from pulsar_ml.databases.seen import Seen
from pulsar_ml.databases.target import Target
from pulsar_ml.errors import DatabaseFault

Tell = Callable[[Mapping[str, Any]], None]
_SEEN = "seen.parquet"
# So many keys that differ by their case or the like are told apart.
_MOST_ALIKE = 1_000
_TOO_MANY = "The key {} must name each row once: too many are the same to the database."


def read(order: Mapping[str, Any], tell: Tell) -> None:
    """Carry out the verb ``read``.

    Parameters
    ----------
    order : mapping
        With `target`, `reading`, `after`, `seen`, `into`, `most` and `page_rows`.
    tell : callable
        Takes the answers: a line a page, and ``done``.

    Raises
    ------
    DatabaseFault
        The database refuses, or the table cannot be read in pages.
    """
    target = Target.from_dict(order["target"])
    reading = Reading.from_dict(order["reading"])
    into = Path(order["into"])
    tell({"doing": "connecting"})
    with (
        tempfile.TemporaryDirectory(prefix=".temp-", dir=into) as temp,
        connect(target) as connection,
    ):
        tell({"doing": "looking at the columns"})
        relation = Relation(connection, reading.table, reading.select)
        layout = Layout(relation, reading)
        keyset = Keyset(connection, relation, layout)
        tell({"doing": "asking how far there is something to read"})
        if keyset.begin():
            run = _Run(layout, keyset, reading.overlap, Path(temp))
            end = _read(run, layout, order, tell)
        else:
            end = _nothing(order)
        tell({"doing": "counting the rows without a key or a mark"})
        tell({"done": {**end, "n_without_mark": keyset.without(), "notes": []}})


def _read(
    run: "_Run", layout: Layout, order: Mapping[str, Any], tell: Tell
) -> dict[str, Any]:
    into, after = Path(order["into"]), order["after"]
    if after:
        run.resume(after, order["seen"])
    n_pages = 0
    with parquet.writer(into, temp=run.temp) as put:
        for page in run.pages(order["most"], order["page_rows"], tell):
            keys = [key for _, key in page.edges]
            if not keys:
                continue
            n_pages += 1
            path = into / f"page-{n_pages:06d}.parquet"
            put(path, layout.frame(keys, page.values))
            crash.at("read.page")
            first, last = marks.written(keys[0]), marks.written(keys[-1])
            line = {"page": str(path), "rows": len(keys), "first": first, "last": last}
            tell(line)
    reached, kept = run.position(), into / _SEEN
    if reached:
        run.keep_seen(kept)
    return {
        "position": reached or after,
        "seen": str(kept) if reached else None,
        "more": run.more,
    }


def _nothing(order: Mapping[str, Any]) -> dict[str, Any]:
    """Leave everything as it was."""
    kept = Path(order["into"]) / _SEEN
    if order["seen"]:
        shutil.copyfile(order["seen"], kept)
    return {
        "position": order["after"],
        "seen": str(kept) if order["seen"] else None,
        "more": False,
    }


def _chooser(wanted: list[bool]) -> Callable[[list[Any]], list[Any]]:
    """Give what takes the wanted of a list; mostly they stand side by side."""
    first = wanted.index(True) if any(wanted) else len(wanted)
    if all(wanted[first:]):
        return itemgetter(slice(first, len(wanted)))
    return lambda cells: list(compress(cells, wanted))


class _Run:
    """One reading: what it knows from the one before, and how far it has come."""

    def __init__(
        self, layout: Layout, keyset: Keyset, overlap: float, temp: Path
    ) -> None:
        self._layout = layout
        self._keyset = keyset
        self._overlap = overlap
        self.temp = temp
        self._seen = Seen(temp, self._place)
        self._low: Any = None
        self._last: Edge | None = None
        self.more = False

    @property
    def _place(self) -> int:
        return 0 if self._layout.mark else 1

    def resume(self, after: Mapping[str, str], path: str | None) -> None:
        """Begin where the reading before has ended, or where somebody wants it."""
        if position.FROM in after:
            self._low = position.low(after[position.FROM], self._keyset, self._layout)
            return
        self._last = position.read(after, self._keyset, self._layout)
        self._low = self._next_low(self._last)
        # There may be no row any more that tells.
        self._keyset.key_kind = after["kind"]
        self._seen.load(Path(path) if path else None, self._last, after)

    def _next_low(self, last: Edge) -> Any:
        kind = self._keyset.order_kind
        return marks.earlier(last[self._place], kind, self._overlap)

    def pages(self, most: int, page_rows: int, tell: Tell) -> Iterator[Page]:
        """Read page after page; of each those rows that were not read before."""
        low, last, before, is_last = self._low, None, set[Edge](), False
        number = 0
        while not is_last:
            number += 1
            tell({"doing": f"reading page {number}"})
            wanted = min(most, page_rows)
            # One more for the row that was the last; and one that says there is more.
            page = self._keyset.page(low, last, wanted + 2)
            is_last = len(page.edges) < wanted + 2
            if not is_last and before.issuperset(page.edges):
                raise DatabaseFault(_TOO_MANY.format(self._layout.key.name))
            taken, until = self._taken(page, before, wanted)
            most -= len(taken.edges)
            if until:
                last = page.edges[until - 1]
                before = set(page.edges[:until])
                self._read(taken.edges, last)
            is_last = is_last and until == len(page.edges)
            self.more = not is_last
            yield taken
            if not most:
                return

    def _taken(self, page: Page, before: set[Edge], wanted: int) -> tuple[Page, int]:
        """Leave out what was read before; also, up to where the page is read."""
        is_new = [
            new and edge not in before
            for edge, new in zip(page.edges, self._seen.is_new(page.edges), strict=True)
        ]
        until = len(is_new)
        if sum(is_new) > wanted:
            until = [*accumulate(map(int, is_new))].index(wanted + 1)
        chosen = _chooser(is_new[:until])
        values = {column: chosen(cells) for column, cells in page.values.items()}
        return Page(chosen(page.edges), values), until

    def _read(self, edges: list[Edge], last: Edge) -> None:
        kind = self._keyset.order_kind
        self._last = position.later(self._last, last, kind) if self._last else last
        if edges:
            is_text = kind == marks.TEXT
            self._seen.add(edges, None if is_text else self._next_low(self._last))

    def position(self) -> dict[str, str] | None:
        """Say where the next reading begins."""
        return position.written(self._last, self._keyset) if self._last else None

    def keep_seen(self, path: Path) -> None:
        """Write the rows that were read and that the next reading meets again."""
        if self._last is None:
            return
        kind = self._keyset.order_kind
        if kind == marks.TEXT:
            wanted: Any = self._keyset.ties(self._last[1], _MOST_ALIKE)
        else:
            wanted = self._next_low(self._last)
        self._seen.keep(path, kind, wanted)
