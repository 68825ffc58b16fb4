"""Tables whose columns have types: the rows of JSON, Parquet, VOTable and FITS."""

import json
import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pulsar_ml import preprocessor
from pulsar_ml.errors import BadInput
from pulsar_ml.formats import columns, sniff
from pulsar_ml.formats.columns import Layout
from pulsar_ml.formats.reader import Reader
from pulsar_ml.formats.rows import NOT_A_NUMBER, shortened
from pulsar_ml.formats.table import MAX_COLUMNS, Block, Reject, Source, Table

if TYPE_CHECKING:
    import pandas as pd

# So many rows make a block.
ROWS = 16_384
# Among a frame's `attrs`, if the reader knows: how many bytes are read with its rows.
READ = "read"


def table(
    source: Source,
    names: Sequence[str],
    frames: Callable[[], "Iterator[pd.DataFrame]"],
    layout: Layout | None = None,
) -> Table:
    """Open a table of typed columns.

    Parameters
    ----------
    source : Source
        The file.
    names : sequence of str
        Of its columns.
    frames : callable
        Reads the rows from the first one on, a few thousand at a time. The frames'
        columns stand in the order of the names.
    layout : Layout, optional
        What the columns are, if not told by their names.

    Returns
    -------
    Table
        The rows.

    Raises
    ------
    BadInput
        A feature has no column, or there are too many columns.
    """
    if len(names) > MAX_COLUMNS:
        raise BadInput(f"has {len(names)} columns; at most {MAX_COLUMNS} can be read")
    known = layout or columns.by_header(names)
    return _Reader(source, known, frames).table(known.notes)


def frame(arrays: "Sequence[np.ma.MaskedArray[Any, Any]]") -> "pd.DataFrame":
    """Make columns of numpy arrays, which may be masked, nested or big-endian.

    Parameters
    ----------
    arrays : sequence of ndarray, each of shape (n_rows, ...)
        One for each column.

    Returns
    -------
    DataFrame
        Its columns are named by their places; cells are objects where an array is
        masked, nested or not of numbers.
    """
    import pandas as pd  # slow, and no start of a program needs it

    return pd.DataFrame({n: _column(array) for n, array in enumerate(arrays)})


def _column(array: "np.ma.MaskedArray[Any, Any]") -> Any:
    mask = np.ma.getmaskarray(array)
    if array.ndim > 1 or array.dtype.kind not in "iuf" or mask.any():
        cells: list[object] = array.tolist()
        return np.fromiter(map(_decoded, cells), dtype=object, count=len(cells))
    return np.asarray(array).astype(array.dtype.newbyteorder("="))


def _decoded(cell: object) -> object:
    return cell.decode("latin-1") if isinstance(cell, bytes) else cell


class _Reader(Reader):
    def __init__(
        self,
        source: Source,
        layout: Layout,
        frames: Callable[[], "Iterator[pd.DataFrame]"],
    ) -> None:
        super().__init__(source, layout)
        self.frames = frames

    def blocks(self, skip: int) -> Iterator[Block]:
        """Read from the block on that holds row ``skip + 1``."""
        first, begin, size = 1, 0, self.source.path.stat().st_size
        for frame in self.frames():
            # Where a row lies in a packed file nobody knows.
            end = frame.attrs.get(READ, size)
            if first + len(frame) > skip + 1:
                plain = frame.set_axis(range(frame.shape[1]), axis="columns")
                yield self._block(plain, first, (begin, end))
            first, begin = first + len(frame), frame.attrs.get(READ, 0)

    def _block(
        self, frame: "pd.DataFrame", first: int, between: tuple[int, int]
    ) -> Block:
        import pandas as pd  # slow, and no start of a program needs it

        given = frame[self.features]
        numbers = np.array([_numbers(given[place]) for place in self.features]).T
        rejects = self._unlabelled(first, frame) | {
            fault.row: self._reject(first, given, fault)
            for fault in preprocessor.faults(numbers)
        }
        rejects = self._named(frame, rejects)
        good = np.delete(np.arange(len(frame)), list(rejects))
        table = pd.DataFrame(numbers[good], columns=self.features)
        for place in (*self.layout.metadata, *self.layout.name_place):
            texts = list(map(_text, frame[place].iloc[good].tolist()))
            table[place] = pd.Series(texts, dtype=object)
        rows = self._frame(table, self._names(table), first + good)
        return Block(
            first,
            len(frame),
            rows,
            [rejects[place] for place in sorted(rejects)],
            *between,
            int(rows.memory_usage(deep=True).sum()),
        )

    def _unlabelled(self, first: int, frame: "pd.DataFrame") -> dict[int, Reject]:
        if self.label is None:
            return {}
        labels = list(map(_text, frame[self.label].tolist()))
        name = self.layout.names[self.label]
        return {
            row: Reject(
                first + row,
                self.source.name,
                None,
                name,
                shortened(labels[row] or ""),
                reason,
            )
            for row, reason in self.unlabelled(labels).items()
        }

    def _named(
        self, frame: "pd.DataFrame", rejects: dict[int, Reject]
    ) -> dict[int, Reject]:
        for place in self.layout.name_place if rejects else ():
            names = map(_text, frame[place].iloc[list(rejects)].tolist())
            return {
                row: reject._replace(name=(name or "").strip())
                for (row, reject), name in zip(rejects.items(), names, strict=True)
            }
        return rejects

    def _reject(
        self, first: int, given: "pd.DataFrame", fault: preprocessor.Fault
    ) -> Reject:
        place = self.features[fault.feature]
        value, reason = given[place].iloc[fault.row], fault.reason
        missing = _text(value) is None or sniff.is_missing(str(value))
        if reason == preprocessor.MISSING and not missing:
            reason = NOT_A_NUMBER
        shown = shortened(_text(value) or "")
        row = first + fault.row
        name = self.layout.names[place]
        return Reject(row, self.source.name, None, name, shown, reason)

    def _names(self, table: "pd.DataFrame") -> list[str]:
        for place in self.layout.name_place:
            return [(name or "").strip() for name in table[place].to_numpy()]
        return [""] * len(table)


def _numbers(column: "pd.Series[Any]") -> "np.ndarray[Any, np.dtype[np.float64]]":
    if column.dtype.kind in "iuf" and isinstance(column.dtype, np.dtype):
        return column.to_numpy(dtype=np.float64)
    values = column.tolist()
    if set(map(type, values)) == {float}:
        return np.array(values, dtype=np.float64)
    return np.array([_number(value) for value in values], dtype=np.float64)


def _number(value: object) -> float:
    """Read a cell as a number; NaN if it is none."""
    if isinstance(value, str):
        return float(value) if sniff.is_number(value, ".") else math.nan
    if isinstance(value, (bool, np.bool_)) or not isinstance(
        value, (int, float, np.number)
    ):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _text(value: object) -> str | None:
    """Write a cell as text; None where there is nothing."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, (dict, list)):
        return clean(json.dumps(value, ensure_ascii=False, default=str))
    return clean(str(value))


def clean(value: str) -> str:
    """Make a text one that every store takes: no zero byte, no half characters.

    Parameters
    ----------
    value : str
        Any text.

    Returns
    -------
    str
        It can be encoded as UTF-8.
    """
    text = value.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if text.isascii():
        return text
    return text.encode("utf-8", errors="backslashreplace").decode()
