"""What readers of tables share: swapped columns settled, rows as they are scored."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pulsar_ml import preprocessor, verdicts
from pulsar_ml.features import FEATURES
from pulsar_ml.formats import columns, sniff
from pulsar_ml.formats.columns import Layout
from pulsar_ml.formats.table import Block, Source, Table

if TYPE_CHECKING:
    import pandas as pd


class Reader(ABC):
    """The rows of one file, whose columns are known.

    Parameters
    ----------
    source : Source
        The file.
    layout : Layout
        What its columns are.
    """

    def __init__(self, source: Source, layout: Layout) -> None:
        self.source = source
        self.label: int | None = None
        self.layout = layout
        if source.labelled:
            self.label, self.layout = columns.labelled(layout)
        self.features = list(layout.features)

    @abstractmethod
    def blocks(self, skip: int) -> Iterator[Block]:
        """Read from the block on that holds row ``skip + 1``.

        Parameters
        ----------
        skip : int
            How many rows are already known.

        Yields
        ------
        Block
            In the order of the file.
        """

    def table(self, notes: tuple[str, ...]) -> Table:
        """Give the table, after columns were settled that may be swapped.

        Parameters
        ----------
        notes : tuple of str
            What was decided about the file before.

        Returns
        -------
        Table
            With these notes and those on swapped columns.
        """
        metadata = tuple(self.layout.metadata.values())
        if self.source.labelled:
            notes = tuple(note for note in notes if not columns.is_of_label(note))
        return Table(lambda: metadata, (*notes, *self._settled()), self.blocks)

    def unlabelled(self, labels: Sequence[str | None]) -> dict[int, str]:
        """Find the rows that do not say what they are.

        Parameters
        ----------
        labels : sequence of str or None
            As the file has them.

        Returns
        -------
        dict
            What is wrong, by the row's place.
        """
        wrong = {
            label: verdicts.UNKNOWN
            if label and not sniff.is_missing(label)
            else preprocessor.MISSING
            for label in set(labels)
            if label is None or verdicts.teaches(label) is None
        }
        if not wrong:
            return {}
        return {n: wrong[label] for n, label in enumerate(labels) if label in wrong}

    def _settled(self) -> list[str]:
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

    def _frame(
        self, table: "pd.DataFrame", given: Sequence[str], rows: NDArray[np.int64]
    ) -> "pd.DataFrame":
        """Give rows as they are scored.

        `table` has the places of the columns as names; `given` are the candidates'
        names, empty where a row has none.
        """
        import pandas as pd  # slow, and no start of a program needs it

        names = [
            own or (f"{self.source.name}:{row}" if self.label is None else "")
            for own, row in zip(given, rows.tolist(), strict=True)
        ]
        return pd.DataFrame(
            {"row": rows, "name": pd.Series(names, dtype=object, index=table.index)}
            | dict(
                zip(FEATURES, (table[place] for place in self.features), strict=True)
            )
            | {name: table[place] for place, name in self.layout.metadata.items()}
        ).reset_index(drop=True)
