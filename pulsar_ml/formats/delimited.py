"""Delimited text: CSV and its relations, read in blocks and checked row by row."""

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pulsar_ml import preprocessor
from pulsar_ml.features import FEATURES
from pulsar_ml.formats import sniff, text
from pulsar_ml.formats.sniff import Dialect
from pulsar_ml.formats.table import Block, Format, Reject, Source, Table

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 80


def _recognises(start: bytes) -> bool:
    return text.encoding_of(start).mark > 0 or b"\0" not in start


def _open(source: Source) -> Table:
    dialect = sniff.sniff(text.head(source.path))
    reader = _Reader(source, dialect)
    notes = (*dialect.notes, *reader.settle())
    return Table(tuple(dialect.layout.metadata.values()), notes, reader.blocks)


FORMAT = Format("delimited text", _recognises, _open)


class _Reader:
    """The rows of one file, under one dialect."""

    def __init__(self, source: Source, dialect: Dialect) -> None:
        self.source = source
        self.dialect = dialect
        self.layout = dialect.layout
        self.features = list(dialect.layout.features)
        self.aligned = dialect.delimiter == sniff.BLANKS
        self.delimiter = "\t" if self.aligned else dialect.delimiter
        self.good = re.compile(self._row_pattern())

    def settle(self) -> list[str]:
        """Read columns that hold each other's values the other way round."""
        sample = next(self.blocks(0), None) if self.layout.doubtful else None
        if sample is None or sample.frame.empty:
            return []
        return [self._settle(part, sample.frame) for part in self.layout.doubtful]

    def _settle(self, part: str, rows: "pd.DataFrame") -> str:
        skew, exkurt = f"{part}_skew", f"{part}_exkurt"
        i, j = FEATURES.index(skew), FEATURES.index(exkurt)
        settled = preprocessor.settle(
            rows[skew].to_numpy(),
            rows[exkurt].to_numpy(),
            skew_first=self.features[i] < self.features[j],
        )
        names = [self.layout.names[self.features[k]] for k in (i, j)]
        if settled.swapped:
            self.features[i], self.features[j] = self.features[j], self.features[i]
        verdict = "hold each other's values and were" if settled.swapped else "were"
        how = "the other way round" if settled.swapped else "as they are named"
        return (
            f"The columns {names[0]} and {names[1]} {verdict} read {how}: of "
            f"{len(rows)} rows {settled.broken_as_named} would be impossible as named, "
            f"{settled.broken_swapped} the other way round (excess kurtosis is at "
            "least skewness² − 2)."
        )

    def blocks(self, skip: int) -> Iterator[Block]:
        """Read from the block on that holds row ``skip + 1``."""
        first, header = 1, self.dialect.header
        mark = self.dialect.delimiter
        for part in text.records(self.source.path, self.dialect.encoding, mark):
            records = part
            if header:
                header = False
                records = part._replace(texts=part.texts[1:], lines=part.lines[1:])
            if records.texts and first + len(records.texts) > skip + 1:
                yield self._block(records, first)
            first += len(records.texts)

    def _block(self, records: text.Records, first: int) -> Block:
        if self.aligned:
            tabbed = [sniff.tabbed(record) for record in records.texts]
            records = records._replace(texts=tabbed)
        places = np.arange(len(records.texts))
        rejects: list[tuple[int, _Fault]] = []
        table = self._quickly(records)
        if table is None:
            fits = np.array([self._fits(record) for record in records.texts])
            rejects = [
                (int(place), self._explain(records.texts[place]))
                for place in np.flatnonzero(~fits)
            ]
            places = places[fits]
            table = self._parse([records.texts[place] for place in places])
        faults = preprocessor.faults(table[self.features].to_numpy())
        for row, feature, reason in faults:
            place = int(places[row])
            values = sniff.fields(records.texts[place], self.delimiter)
            column = self.features[feature]
            rejects.append((place, self._fault(column, values[column], reason)))
        good = np.delete(np.arange(len(table)), [fault.row for fault in faults])
        return Block(
            first,
            len(records.texts),
            self._frame(table.iloc[good], first + places[good]),
            [
                Reject(first + place, self.source.name, records.lines[place], *fault)
                for place, fault in sorted(rejects)
            ],
            records.begin,
            records.end,
        )

    def _frame(self, table: "pd.DataFrame", rows: NDArray[np.int64]) -> "pd.DataFrame":
        import pandas as pd  # slow, and no start of a program needs it

        names = [f"{self.source.name}:{row}" for row in rows]
        if self.layout.name is not None:
            given = table[self.layout.name].str.strip()
            if not self.dialect.header:
                given = given.str.removeprefix("%")
            names = [own or other for own, other in zip(given, names, strict=True)]
        return pd.DataFrame(
            {"row": rows, "name": pd.Series(names, dtype=object, index=table.index)}
            | dict(
                zip(FEATURES, (table[place] for place in self.features), strict=True)
            )
            | {name: table[place] for place, name in self.layout.metadata.items()}
        ).reset_index(drop=True)

    def _quickly(self, records: text.Records) -> "pd.DataFrame | None":
        """Parse the block at once; None when some row needs a closer look."""
        marks = {record.count(self.delimiter) for record in records.texts}
        if (
            not records.plain
            or marks != {self.layout.width - 1}
            or max(map(len, records.texts)) > text.MAX_LINE
        ):
            return None
        try:
            return self._parse(records.texts)
        except ValueError:
            return None

    def _parse(self, texts: list[str]) -> "pd.DataFrame":
        import pandas as pd  # slow, and no start of a program needs it

        kept = [*self.layout.metadata, *self._name_place()]
        return pd.read_csv(
            io.StringIO("\n".join(texts)),
            sep=self.delimiter,
            decimal=self.dialect.decimal,
            header=None,
            names=list(range(self.layout.width)),
            usecols=[*self.features, *kept],
            index_col=False,
            dtype=dict.fromkeys(self.features, "float64") | dict.fromkeys(kept, object),
            na_filter=False,
            engine="c",
            low_memory=False,
        )

    def _name_place(self) -> list[int]:
        return [] if self.layout.name is None else [self.layout.name]

    def _fits(self, record: str) -> bool:
        return (
            len(record) <= text.MAX_LINE
            and "\0" not in record
            and self.good.fullmatch(record) is not None
        )

    def _row_pattern(self) -> str:
        """Pattern of a record with every field in place and numbers for features."""
        value = sniff.number(self.dialect.decimal)
        blank = "[ ]*+" if self.delimiter == "\t" else r"[ \t]*+"
        feature = rf'(?:{blank}{value}{blank}|"{blank}{value}{blank}")'
        other = text.field_pattern(self.delimiter)
        wanted = set(self.layout.features)
        return re.escape(self.delimiter).join(
            feature if place in wanted else other for place in range(self.layout.width)
        )

    def _explain(self, record: str) -> "_Fault":
        """Say why a record does not fit."""
        if len(record) > text.MAX_LINE:
            return _Fault("", _cut(record), "is a line longer than 1 MiB")
        if "\0" in record:
            return _Fault("", _cut(record), "holds a zero byte, which no text has")
        if text.unclosed(self.delimiter).fullmatch(record):
            return _Fault(
                "", _cut(record), "opens a quotation mark and never closes it"
            )
        values = sniff.fields(record, self.delimiter)
        if len(values) != self.layout.width:
            reason = f"has {len(values)} columns; the table has {self.layout.width}"
            return _Fault("", _cut(record), reason)
        for place in self.features:
            if reason := self._objection(values[place]):
                return self._fault(place, values[place], reason)
        return _Fault("", _cut(record), "is not written as a row of the table")

    def _objection(self, value: str) -> str:
        if sniff.is_missing(value):
            return preprocessor.MISSING
        if sniff.is_number(value, self.dialect.decimal):
            return ""
        if value.strip().lstrip("+-").lower() in {"inf", "infinity"}:
            return preprocessor.TOO_LARGE
        return "is not a number"

    def _fault(self, place: int, value: str, reason: str) -> "_Fault":
        return _Fault(self.layout.names[place], _cut(value), reason)


class _Fault(NamedTuple):
    column: str
    value: str
    reason: str


def _cut(value: str) -> str:
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
