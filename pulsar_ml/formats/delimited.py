"""Delimited text: CSV and its relations, read in blocks and checked row by row."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pulsar_ml import preprocessor
from pulsar_ml.formats import sniff, text
from pulsar_ml.formats.grid import Shape
from pulsar_ml.formats.reader import Reader
from pulsar_ml.formats.rows import Rows
from pulsar_ml.formats.sniff import Dialect
from pulsar_ml.formats.table import Block, Format, Reject, Source, Table

if TYPE_CHECKING:
    import pandas as pd


def _recognises(start: bytes) -> bool:
    return text.encoding_of(start).mark > 0 or b"\0" not in start


def _open(source: Source) -> Table:
    return opened(source, sniff.sniff(text.head(source.path)))


def opened(source: Source, dialect: Dialect) -> Table:
    """Open a file that is written in this way.

    Parameters
    ----------
    source : Source
        The file.
    dialect : Dialect
        The way.

    Returns
    -------
    Table
        The rows, and the dialect's notes.
    """
    return _Reader(source, dialect).table(dialect.notes)


FORMAT = Format("delimited text", _recognises, _open)


class _Reader(Reader):
    """The rows of one file, under one dialect."""

    def __init__(self, source: Source, dialect: Dialect) -> None:
        super().__init__(source, dialect.layout)
        self.dialect = dialect
        self.rows = Rows(dialect)

    def blocks(self, skip: int) -> Iterator[Block]:
        """Read from the block on that holds row ``skip + 1``."""
        first, header = 1, self.dialect.header
        dialect = self.dialect
        shape = Shape(dialect.delimiter, self.layout.width, dialect.comment)
        for part in text.records(self.source.path, dialect.encoding, shape):
            records = part
            if header:
                header = False
                records = records.rest()
            if dialect.comment and not records.grid:
                records = self._without_comments(records)
            if records.lines and first + len(records.lines) > skip + 1:
                yield self._block(records, first)
            first += len(records.lines)

    def _without_comments(self, records: text.Records) -> text.Records:
        mark = self.dialect.comment
        kept = [
            place
            for place, record in enumerate(records.texts)
            if not record.lstrip().startswith(mark)
        ]
        return replace(
            records,
            lines=[records.lines[place] for place in kept],
            given=[records.texts[place] for place in kept],
        )

    def _block(self, records: text.Records, first: int) -> Block:
        if self.rows.aligned:
            given = [sniff.tabbed(record) for record in records.texts]
            records = replace(records, given=given)
        table, sound = self.rows.parse(records)
        places = np.flatnonzero(sound)
        rejects = [
            (place, self._unsound(records.texts[place]))
            for place in np.flatnonzero(~sound).tolist()
        ]
        faults = self._faults(table)
        names = self._names(table.iloc[list(faults)])
        for name, (row, (column, reason)) in zip(names, faults.items(), strict=True):
            place = int(places[row])
            value = sniff.fields(records.texts[place], self.rows.delimiter)[column]
            rejects.append((place, (*self.rows.fault(column, value, reason), name)))
        good = np.delete(np.arange(len(table)), list(faults))
        rows = table.iloc[good]
        return Block(
            first,
            len(records.lines),
            self._frame(rows, self._names(rows), first + places[good]),
            [
                Reject(
                    first + place,
                    self.source.name,
                    records.lines[place] + self.dialect.lines_before,
                    *fault,
                )
                for place, fault in sorted(rejects)
            ],
            records.begin,
            records.end,
            records.end - records.begin,
        )

    def _unsound(self, record: str) -> tuple[str, str, str, str]:
        fault = self.rows.explain(record)
        # One with a column to blame could be taken apart.
        cells = sniff.fields(record, self.rows.delimiter) if fault.column else []
        names = [cells[place] for place in self.layout.name_place if cells]
        name = self._called(names)[0] if names else ""
        return (*fault, name)

    def _faults(self, table: "pd.DataFrame") -> dict[int, tuple[int, str]]:
        """Find the rows that cannot be used: column and reason of each."""
        found: dict[int, tuple[int, str]] = {}
        if self.label is not None:
            missing = self.unlabelled(table[self.label].tolist())
            found = {row: (self.label, reason) for row, reason in missing.items()}
        numbers = table[self.features].to_numpy()
        for row, feature, reason in preprocessor.faults(numbers):
            found[row] = self.features[feature], reason
        return found

    def _names(self, table: "pd.DataFrame") -> list[str]:
        for place in self.layout.name_place:
            return self._called(table[place].to_numpy())
        return [""] * len(table)

    def _called(self, given: Iterable[str]) -> list[str]:
        names = [name.strip() for name in given]
        if self.dialect.header:
            return names
        return [name.removeprefix("%") for name in names]
