"""A table that is to be written: where its rows come from, and what they are."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from pulsar_ml.parquet import quoted
from pulsar_ml.writers.columns import DOUBLE, TEXT, Column
from pulsar_ml.writers.quantities import named

if TYPE_CHECKING:
    import pandas as pd

_VECTOR = 2_048
# A block has at most 65,536 rows, and fewer where they are wide.
_VECTORS = 32
_BLOCK_BYTES = 32 * 2**20
_NUMBER = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"
# What `fits.escaped` makes of a letter is longer by so much.
_LONGER = (
    (r"[\x{00}-\x{1f}\x{7f}-\x{ff}]", 4),
    (r"[\x{100}-\x{ffff}]", 6),
    (r"[\x{10000}-\x{10ffff}]", 10),
)


class Provenance(NamedTuple):
    """Where a table comes from; what is empty is left out.

    Attributes
    ----------
    site : str
        Name of the site.
    batch : int or None
        Number of the batch.
    title : str
        What was classified.
    model_version : str
        What classified it.
    model_sha256 : str
        Of the model's artefact.
    threshold : float or None
        From this probability on a candidate is called a pulsar.
    selection : str
        Which rows these are, and in which order.
    written_at : str
        Date and time, RFC 3339.
    """

    site: str = ""
    batch: int | None = None
    title: str = ""
    model_version: str = ""
    model_sha256: str = ""
    threshold: float | None = None
    selection: str = ""
    written_at: str = ""

    def said(self) -> dict[str, str | int | float]:
        """List what is known.

        Returns
        -------
        dict
            Values by name, without the empty ones.
        """
        return {k: v for k, v in self._asdict().items() if v not in ("", None)}


class Sheet(NamedTuple):
    """What a writer is told before the first row.

    Attributes
    ----------
    columns : tuple of Column
        In their order.
    n_rows : int
        How many rows will come.
    row_bytes : float
        What the texts of a row take, on average.
    provenance : Provenance
        Where the rows come from.
    """

    columns: tuple[Column, ...]
    n_rows: int
    row_bytes: float
    provenance: Provenance


class Query(NamedTuple):
    """Rows in DuckDB, in their order.

    Attributes
    ----------
    connection : DuckDBPyConnection
        Where they are.
    rows : str
        What stands behind ``from``: a table and its condition.
    values : sequence
        For the placeholders of the condition.
    order : str
        What stands behind it; empty for the order in which they lie there.
    """

    connection: duckdb.DuckDBPyConnection
    rows: str
    values: Sequence[Any] = ()
    order: str = ""

    def n_rows(self) -> int:
        """Count the rows.

        Returns
        -------
        int
            How many there are.
        """
        found: int = self._one("count(*)")[0]
        return found

    def sheet(
        self,
        columns: Sequence[Column],
        provenance: Provenance,
        *,
        typed: bool = True,
        fixed: bool = False,
    ) -> Sheet:
        """Look once at all the rows, so that they can be written in one pass.

        Parameters
        ----------
        columns : sequence of Column
            What is wanted of them.
        provenance : Provenance
            Where they come from.
        typed : bool
            Whether metadata that are plainly numbers become numbers.
        fixed : bool
            Whether the longest text of each column is to be found.

        Returns
        -------
        Sheet
            With the columns as they shall be written.
        """
        asked = {"count(*)": 0, _bytes(columns): 1}
        for column in columns:
            for question in _questions(column, typed=typed, fixed=fixed):
                asked.setdefault(question, len(asked))
        found = self._one(", ".join(asked))
        answers = {question: found[place] for question, place in asked.items()}
        n_rows, n_bytes = found[:2]
        settled = (_settled(c, answers, typed=typed, fixed=fixed) for c in columns)
        return Sheet(tuple(settled), n_rows, n_bytes / max(n_rows, 1), provenance)

    def frames(self, sheet: Sheet) -> "Iterator[pd.DataFrame]":
        """Read the rows.

        Parameters
        ----------
        sheet : Sheet
            What `sheet` found.

        Yields
        ------
        DataFrame
            Some of the rows; its columns stand in the order of the sheet's.
        """
        wanted = ", ".join(
            f"{column.source} as c{place}" for place, column in enumerate(sheet.columns)
        )
        order = f"order by {self.order}" if self.order else ""
        cursor = self.connection.execute(
            f"select {wanted} from {self.rows} {order}",  # noqa: S608  # ours only
            list(self.values),
        )
        room = _BLOCK_BYTES // (sheet.row_bytes + 16 * len(sheet.columns))
        vectors = int(min(max(room // _VECTOR, 1), _VECTORS))
        while len(frame := cursor.fetch_df_chunk(vectors)):
            yield frame

    def _one(self, wanted: str) -> tuple[Any, ...]:
        cursor = self.connection.execute(
            f"select {wanted} from {self.rows}",  # noqa: S608  # ours only
            list(self.values),
        )
        found: tuple[Any, ...] = cursor.fetchone() or ()
        return found


def _bytes(columns: Sequence[Column]) -> str:
    sizes = [f"coalesce(sum(strlen({c.source})), 0)" for c in columns if c.kind == TEXT]
    return " + ".join(sizes) or "0"


def _questions(column: Column, *, typed: bool, fixed: bool) -> list[str]:
    if column.kind != TEXT:
        return []
    numeric = [_is_numeric(column)] if typed and named(column.name) else []
    return [*numeric, _longest(column)] if fixed else numeric


def _settled(
    column: Column, answers: Mapping[str, Any], *, typed: bool, fixed: bool
) -> Column:
    if column.kind != TEXT:
        return column
    quantity = named(column.name) if typed else None
    if quantity and answers[_is_numeric(column)]:
        number = f"try_cast(nullif(trim({column.source}), '') as double)"
        return column._replace(kind=DOUBLE, source=number, **quantity._asdict())
    return column._replace(width=answers[_longest(column)]) if fixed else column


def _is_numeric(column: Column) -> str:
    """Ask in SQL whether it has values, and all of them are finite numbers."""
    cell = f"trim({column.source})"
    number = (
        f"regexp_full_match({cell}, {quoted(_NUMBER)}) "
        f"and coalesce(isfinite(try_cast({cell} as double)), false)"
    )
    return (
        f"count(nullif({cell}, '')) > 0 "
        f"and bool_and(coalesce({cell}, '') = '' or {number})"
    )


def _longest(column: Column) -> str:
    cell = escaped = column.source
    for letters, length in _LONGER:
        escaped = f"regexp_replace({escaped}, '{letters}', '{'x' * length}', 'g')"
    plain = f"regexp_full_match({cell}, '[ -~]*')"
    return f"coalesce(max(length(if({plain}, {cell}, {escaped}))), 0)"
