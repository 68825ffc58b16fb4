"""Records of a text table become rows; one that does not is told why."""

import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pulsar_ml import preprocessor
from pulsar_ml.formats import sniff, text
from pulsar_ml.formats.grid import Grid
from pulsar_ml.formats.sniff import Dialect

if TYPE_CHECKING:
    import pandas as pd

NOT_A_NUMBER = "is not a number"
_SHOWN = 80
# So many rows are looked at one by one for the sake of a bad one among them.
_GROUP = 1_024


class Fault(NamedTuple):
    """What is wrong with a row, and where."""

    column: str
    value: str
    reason: str


class Rows:
    """Takes the records of one dialect apart.

    Its tables have the places of the columns as names.

    Parameters
    ----------
    dialect : Dialect
        How the records are written. Those of aligned columns must have been through
        `sniff.tabbed`.
    """

    def __init__(self, dialect: Dialect) -> None:
        self.layout = dialect.layout
        self.decimal = dialect.decimal
        self._kept = (*self.layout.metadata, *self.layout.name_place)
        self.aligned = dialect.delimiter == sniff.BLANKS
        self.delimiter = "\t" if self.aligned else dialect.delimiter
        self._whole = re.compile(self._pattern())
        mark = re.escape(self.delimiter)
        self._quoted = re.compile(rf'(?:^|(?<={mark}))"(?:[^"]|"")*+"')
        self._opening = re.compile(rf'(?:^|{mark})"')

    def parse(self, records: text.Records) -> tuple["pd.DataFrame", NDArray[np.bool_]]:
        """Parse the records that are rows, and say which ones those are.

        Parameters
        ----------
        records : Records
            The records.

        Returns
        -------
        DataFrame, ndarray of bool
            The rows; and for each record whether it became one.
        """
        if records.grid:
            sound = np.ones(len(records.lines), dtype=bool)
        else:
            sound = np.array([self._in_place(record) for record in records.texts])
        try:
            if records.grid:
                return self._fields(records.grid), sound
            return self._table(_those(records.texts, sound)), sound
        except ValueError:
            table, numeric = self._by_groups(_those(records.texts, sound))
        sound[sound] = numeric
        return table, sound

    def explain(self, record: str) -> Fault:
        """Say why a record is no row.

        Parameters
        ----------
        record : str
            One that `parse` left out.

        Returns
        -------
        Fault
            Without a column where the record as a whole is at fault.
        """
        if len(record) > text.MAX_LINE:
            return Fault("", shortened(record), "is a line longer than 1 MiB")
        if "\0" in record:
            return Fault("", shortened(record), "holds a zero byte, which no text has")
        if text.unclosed(self.delimiter).fullmatch(record):
            return Fault(
                "", shortened(record), "opens a quotation mark and never closes it"
            )
        values = sniff.fields(record, self.delimiter)
        if len(values) != self.layout.width:
            reason = f"has {len(values)} columns; the table has {self.layout.width}"
            return Fault("", shortened(record), reason)
        for place in self.layout.features:
            if reason := self._objection(values[place]):
                return self.fault(place, values[place], reason)
        return Fault("", shortened(record), "is not written as a row of the table")

    def fault(self, place: int, value: str, reason: str) -> Fault:
        """Say what is wrong with the value in a column.

        Parameters
        ----------
        place : int
            Of the column, from 0.
        value : str
            As the record has it.
        reason : str
            Goes on from the value, like ``is not a number``.

        Returns
        -------
        Fault
            With the column's name and the value cut short.
        """
        return Fault(self.layout.names[place], shortened(value), reason)

    def _objection(self, value: str) -> str:
        if sniff.is_missing(value):
            return preprocessor.MISSING
        if sniff.is_number(value, self.decimal):
            return ""
        if value.strip().lstrip("+-").lower() in {"inf", "infinity"}:
            return preprocessor.TOO_LARGE
        return NOT_A_NUMBER

    def _in_place(self, record: str) -> bool:
        """Whether the record has the right number of fields, quoted or not."""
        bare = self._quoted.sub("", record) if '"' in record else record
        return (
            bare.count(self.delimiter) == self.layout.width - 1
            and len(record) <= text.MAX_LINE
            and "\0" not in record
            and not ('"' in bare and self._opening.search(bare))
        )

    def _by_groups(self, texts: list[str]) -> tuple["pd.DataFrame", NDArray[np.bool_]]:
        """Find the records whose features are no numbers; most groups have none."""
        import pandas as pd  # slow, and no start of a program needs it

        tables, numeric = [], np.ones(len(texts), dtype=bool)
        for at in range(0, len(texts), _GROUP):
            group = texts[at : at + _GROUP]
            try:
                tables.append(self._table(group))
            except ValueError:
                fits = [self._whole.fullmatch(record) is not None for record in group]
                numeric[at : at + _GROUP] = fits
                good = [r for r, fit in zip(group, fits, strict=True) if fit]
                tables.append(self._table(good))
        return pd.concat(tables, ignore_index=True), numeric

    def _fields(self, grid: Grid) -> "pd.DataFrame":
        """Give the rows of regular lines; to pick out their texts is not for pandas."""
        import pandas as pd  # slow, and no start of a program needs it

        numbers = self._read(io.BytesIO(grid.content()), texts=())
        texts = {place: grid.column(place) for place in self._kept}
        return pd.concat([numbers, pd.DataFrame(texts, dtype=object)], axis="columns")

    def _table(self, texts: list[str]) -> "pd.DataFrame":
        return self._read(io.StringIO("\n".join(texts)), texts=self._kept)

    def _read(
        self, content: io.BytesIO | io.StringIO, texts: Sequence[int]
    ) -> "pd.DataFrame":
        import pandas as pd  # slow, and no start of a program needs it

        numbers = self.layout.features
        return pd.read_csv(
            content,
            sep=self.delimiter,
            decimal=self.decimal,
            header=None,
            names=list(range(self.layout.width)),
            usecols=[*numbers, *texts],
            index_col=False,
            dtype=dict.fromkeys(numbers, "float64") | dict.fromkeys(texts, object),
            na_filter=False,
            engine="c",
            low_memory=False,
        )

    def _pattern(self) -> str:
        """Pattern of a record with every field in place and numbers for features."""
        value = sniff.number(self.decimal)
        blank = "[ ]*+" if self.delimiter == "\t" else r"[ \t]*+"
        feature = rf'(?:{blank}{value}{blank}|"{blank}{value}{blank}")'
        other = text.field_pattern(self.delimiter)
        wanted = set(self.layout.features)
        return re.escape(self.delimiter).join(
            feature if place in wanted else other for place in range(self.layout.width)
        )


def _those(texts: Sequence[str], wanted: NDArray[np.bool_]) -> list[str]:
    return [text for text, good in zip(texts, wanted, strict=True) if good]


def shortened(value: str) -> str:
    """Cut a value to what a table of rejects can show.

    Parameters
    ----------
    value : str
        Of any length.

    Returns
    -------
    str
        At most 80 characters and, if it was cut, an ellipsis.
    """
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
