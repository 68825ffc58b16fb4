"""Write rows as a file, in any of the formats."""

from collections.abc import Callable, Sequence
from pathlib import Path

from pulsar_ml.writers import csv_file, fits_file, parquet_file, votable_file
from pulsar_ml.writers.columns import Column
from pulsar_ml.writers.format import Format
from pulsar_ml.writers.sheet import Provenance, Query

FORMATS = (
    csv_file.FORMAT,
    parquet_file.FORMAT,
    votable_file.FORMAT,
    fits_file.FORMAT,
)


def by_name(name: str) -> Format | None:
    """Find a format by its name.

    Parameters
    ----------
    name : str
        Like ``votable``.

    Returns
    -------
    Format or None
        None if there is no such format.
    """
    return next((known for known in FORMATS if known.name == name), None)


def by_suffix(path: Path | str) -> Format | None:
    """Find the format that a file's name asks for.

    Parameters
    ----------
    path : Path or str
        Of the file, which need not exist.

    Returns
    -------
    Format or None
        None if its name asks for none.
    """
    suffix = Path(path).suffix.lower()
    return next((known for known in FORMATS if suffix in known.suffixes), None)


def write(
    path: Path,
    kind: Format,
    query: Query,
    columns: Sequence[Column],
    provenance: Provenance,
    *,
    temp: Path,
    seen: Callable[[int, int], None],
) -> int:
    """Write all rows of a query, in bounded memory, whole or not at all.

    Parameters
    ----------
    path : Path
        The file; its folder exists.
    kind : Format
        How it is written.
    query : Query
        The rows.
    columns : sequence of Column
        What is wanted of them.
    provenance : Provenance
        Where they come from.
    temp : Path
        Folder for what does not fit into memory.
    seen : callable
        Is told after each block how many rows are written, of how many. What it
        raises stops the work.

    Returns
    -------
    int
        How many rows there are.
    """
    sheet = query.sheet(columns, provenance, typed=kind.is_typed, fixed=kind.is_fixed)
    done = 0
    seen(done, sheet.n_rows)
    with kind.opened(path, sheet, temp) as put:
        for frame in query.frames(sheet):
            put(frame)
            done += len(frame)
            seen(done, sheet.n_rows)
    return done
