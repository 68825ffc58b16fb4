"""Delimited text: CSV and its relations, read in blocks and checked row by row."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pulsar_ml import preprocessor
from pulsar_ml.features import FEATURES
from pulsar_ml.formats import sniff, text
from pulsar_ml.formats.rows import Rows
from pulsar_ml.formats.sniff import Dialect
from pulsar_ml.formats.table import Block, Format, Reject, Source, Table

if TYPE_CHECKING:
    import pandas as pd


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
        self.rows = Rows(dialect)

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
        texts = records.texts
        if self.rows.aligned:
            texts = [sniff.tabbed(record) for record in texts]
        table, sound = self.rows.parse(texts, plain=records.plain)
        places = np.flatnonzero(sound)
        rejects = [
            (place, self.rows.explain(texts[place]))
            for place in np.flatnonzero(~sound).tolist()
        ]
        faults = preprocessor.faults(table[self.features].to_numpy())
        for row, feature, reason in faults:
            place = int(places[row])
            column = self.features[feature]
            value = sniff.fields(texts[place], self.rows.delimiter)[column]
            rejects.append((place, self.rows.fault(column, value, reason)))
        good = np.delete(np.arange(len(table)), [fault.row for fault in faults])
        return Block(
            first,
            len(texts),
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
        for place in self.layout.name_place:
            given = table[place].str.strip()
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
