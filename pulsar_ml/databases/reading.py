"""What is to be read of a table, and which column becomes which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from pulsar_ml.databases import cells, marks
from pulsar_ml.databases.relation import Column, Relation
from pulsar_ml.features import FEATURES
from pulsar_ml.formats import columns
from pulsar_ml.formats.table import LABEL, MAX_METADATA

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Reading:
    """A table or a SELECT, and what its columns mean.

    Attributes
    ----------
    table, select : str
        One of them.
    key : str
        The column that names each row once.
    mark : str
        The column that grows with every change, if there is one.
    overlap : float
        How far before the last mark the next reading begins: seconds of a time, else
        units.
    columns : mapping
        Their name of each feature.
    keep : sequence of str
        Columns that are kept beside.
    label : str
        The column that says what each candidate is, if there is one.
    """

    table: str = ""
    select: str = ""
    key: str = ""
    mark: str = ""
    overlap: float = 0
    columns: Mapping[str, str] = field(default_factory=dict)
    keep: Sequence[str] = ()
    label: str = ""

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Self:
        """Read what an order says.

        Parameters
        ----------
        given : mapping
            The attributes by name.

        Returns
        -------
        Reading
            It.
        """
        return cls(**given)


class Layout:
    """The columns of a reading as they are in the database and in a page.

    Parameters
    ----------
    relation : Relation
        What is read.
    reading : Reading
        What its columns mean.

    Attributes
    ----------
    key, mark : Column
        What the rows are in the order of; `mark` is None without one.
    fetched : tuple of Column
        What is fetched besides, each once.
    """

    def __init__(self, relation: Relation, reading: Reading) -> None:
        self.key = relation.find(reading.key)
        self.mark = relation.find(reading.mark) if reading.mark else None
        wanted = {name: relation.find(reading.columns[name]) for name in FEATURES}
        self._numbers = wanted
        self._label = relation.find(reading.label) if reading.label else None
        names = list(dict.fromkeys(reading.keep))[:MAX_METADATA]
        self._kept = _named([relation.find(name) for name in names])
        labels = [self._label] if self._label else []
        self.fetched = tuple(
            dict.fromkeys([*wanted.values(), *labels, *self._kept.values()])
        )

    def frame(
        self, keys: Sequence[Any], values: Mapping[Column, Sequence[Any]]
    ) -> "pd.DataFrame":
        """Make a page.

        Parameters
        ----------
        keys : sequence
            Of its rows.
        values : mapping
            What the database holds in each of the `fetched` columns.

        Returns
        -------
        DataFrame
            With our columns.
        """
        import pandas as pd  # slow, and no start of a program needs it

        made: dict[str, Any] = {
            "name": pd.Series(list(map(marks.written, keys)), dtype=object)
        }
        for name, column in self._numbers.items():
            made[name] = cells.numbers(values[column])
        if self._label:
            made[LABEL] = cells.label(values[self._label])
        for name, column in self._kept.items():
            made[name] = cells.kept(values[column])
        return pd.DataFrame(made)


def _named(kept: Sequence[Column]) -> dict[str, Column]:
    """Name what is kept so that nobody takes it for something else, or for another."""
    named: dict[str, Column] = {}
    taken = {"name", LABEL, *FEATURES}
    for column in kept:
        base = f"source {column.name}" if _means_more(column.name) else column.name
        ours, number = base, 1
        # DuckDB tells no two columns apart by their case.
        while ours.casefold() in taken:
            number += 1
            ours = f"{base}_{number}"
        taken.add(ours.casefold())
        named[ours] = column
    return named


def _means_more(name: str) -> bool:
    """Say whether a column of this name would pass for a feature, a name or a class."""
    guess = columns.guess([name])
    return bool(guess.features or guess.name or guess.label)
