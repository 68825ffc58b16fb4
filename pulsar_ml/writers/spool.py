"""Rows that wait on the disk until all are there, and then become a file."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pulsar_ml import parquet
from pulsar_ml.writers.columns import Column
from pulsar_ml.writers.format import Format
from pulsar_ml.writers.sheet import Provenance, Query
from pulsar_ml.writers.write import write

if TYPE_CHECKING:
    import pandas as pd


class Spool:
    """Takes the rows of one table.

    Parameters
    ----------
    folder : Path
        For their parts; whoever made it removes it.
    columns : sequence of Column
        Their sources are the names of the frames' columns.
    """

    def __init__(self, folder: Path, columns: Sequence[Column]) -> None:
        self.folder = folder
        self.columns = tuple(columns)
        self.parts: list[Path] = []

    def add(self, frame: "pd.DataFrame") -> None:
        """Keep some rows.

        Parameters
        ----------
        frame : DataFrame
            Its columns stand in the order of the spool's, whatever they are called.
        """
        if len(frame):
            names = [column.source for column in self.columns]
            self.parts.append(self.folder / f"{len(self.parts):06d}.parquet")
            parquet.write(
                self.parts[-1], frame.set_axis(names, axis=1), temp=self.folder
            )

    def write(
        self,
        path: Path,
        kind: Format,
        provenance: Provenance,
        seen: Callable[[int, int], None],
    ) -> None:
        """Write all rows, of which there is at least one, in their order.

        Parameters
        ----------
        path : Path
            The file; its folder exists.
        kind : Format
            How it is written.
        provenance : Provenance
            Where the rows come from.
        seen : callable
            Is told how many rows are written, of how many.
        """
        folders = [self.folder, path.parent]
        with parquet.connection(self.folder, folders=folders) as connection:
            write(
                path,
                kind,
                Query(connection, parquet.scan(self.parts)),
                self.columns,
                provenance,
                temp=self.folder,
                seen=seen,
            )
