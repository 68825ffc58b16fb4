"""The one door to DuckDB: Parquet written whole or not at all, and queried safely."""

import errno
import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from pulsar_ml.place import placed

if TYPE_CHECKING:
    import pandas as pd

# Scores are written once and read by every page: a fifth larger than zstd's, these
# files are scanned in half the time; and a row is found in a group a quarter of a part.
_QUICK = "format parquet, compression lz4_raw, parquet_version v2, row_group_size 16384"

Put = Callable[[Path, "pd.DataFrame"], str]

# What DuckDB says of a full disk: for a file, and for what memory does not hold.
_FULL = ("No space left on device", "max_temp_directory_size")
# What the system never says is said of what a file holds, as that it ends too early.
_NUMBERS = {os.strerror(number): number for number in errno.errorcode}


@contextmanager
def connection(
    temp: Path,
    *,
    folders: Sequence[Path] | None = None,
    memory: str = "256MB",
    threads: int = 1,
    spill: int | None = None,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an empty database in memory; never share it, nor keep it over a fork.

    Parameters
    ----------
    temp : Path
        Folder for what does not fit into memory; it is made if need be.
    folders : sequence of Path, optional
        Folders besides `temp` that may be read and written; without it, any.
    memory : str
        The limit, like ``256MB``.
    threads : int
        How many threads a query may use.
    spill : int, optional
        How many bytes may lie in `temp`; without it, what the disk has.
    """
    temp.mkdir(parents=True, exist_ok=True)
    settings: dict[str, str | bool | int | float | list[str]] = {
        # Nothing is fetched from the network, and nothing of the user's home is used.
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "allow_persistent_secrets": False,
        "python_enable_replacements": False,
        "memory_limit": memory,
        "threads": threads,
        "temp_directory": str(temp),
        "preserve_insertion_order": True,
    }
    with _as_os_error(), duckdb.connect(":memory:", config=settings) as opened:
        if spill is not None:
            # Among the settings above it would be without effect.
            opened.execute(f"set max_temp_directory_size = '{spill}B'")
        if folders is not None:
            allowed = [str(folder) for folder in (temp, *folders)]
            # Both ways a file in it may be written, see `pattern`.
            listed = ", ".join(
                quoted(way) for path in allowed for way in (path, pattern(path))
            )
            opened.execute(f"set allowed_directories = [{listed}]")
            opened.execute("set enable_external_access = false")
        opened.execute("set lock_configuration = true")
        yield opened


@contextmanager
def _as_os_error() -> Iterator[None]:
    """Say what DuckDB lacks of disk or memory as the system itself would."""
    try:
        yield
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        if any(words in str(error) for words in _FULL):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        # The last of what it says is what the system said; before it stand our paths.
        reason = str(error).splitlines()[0].rpartition(": ")[2].partition('"')[0]
        raise OSError(_NUMBERS.get(reason, errno.EBADMSG), reason) from error


def quoted(text: str) -> str:
    """Write a text as an SQL string.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        In quotes, those inside doubled.
    """
    return "'" + text.replace("'", "''") + "'"


def pattern(path: str) -> str:
    """Write a path so that DuckDB, to which paths are patterns, finds just it.

    Parameters
    ----------
    path : str
        Of one file.

    Returns
    -------
    str
        The same, its wildcards escaped.
    """
    return re.sub(r"[\[*?]", r"[\g<0>]", path)


def scan(files: Sequence[Path]) -> str:
    """Write Parquet files as a table in SQL; columns are matched by name.

    Parameters
    ----------
    files : sequence of Path
        At least one.

    Returns
    -------
    str
        For the place of a table in a query.
    """
    listed = ", ".join(quoted(pattern(str(file))) for file in files)
    return f"read_parquet([{listed}], union_by_name = true)"


def write(path: Path, frame: "pd.DataFrame", *, temp: Path) -> str:
    """Write a table as one Parquet file, whole or not at all.

    Parameters
    ----------
    path : Path
        The file; its folder exists.
    frame : DataFrame
        Columns of text hold str or None. The same table gives the same bytes.
    temp : Path
        Folder for what does not fit into memory.

    Returns
    -------
    str
        SHA-256 of the file, in hexadecimal digits.
    """
    with writer(path.parent, temp=temp) as put:
        return put(path, frame)


@contextmanager
def writer(folder: Path, *, temp: Path) -> Iterator[Put]:
    """Open one database for many files; to open it takes as long as 10,000 rows do.

    Parameters
    ----------
    folder : Path
        Where all the files shall stand; it exists.
    temp : Path
        Folder for what does not fit into memory.

    Yields
    ------
    callable
        Takes the path of a file and its table, and does as `write`.
    """
    with connection(temp, folders=[folder]) as opened:
        yield partial(_put, opened)


def _put(opened: duckdb.DuckDBPyConnection, path: Path, frame: "pd.DataFrame") -> str:
    # Typed as text, or a column of nothing but None would become one of integers.
    texts = [name for name, kind in frame.dtypes.items() if kind.kind == "O"]
    typed = frame.astype(dict.fromkeys(texts, "str"))
    with placed(path) as unfinished:
        opened.from_df(typed).query(
            "frame", f"copy frame to {quoted(str(unfinished))} ({_QUICK})"
        )
    return digest(path)


def digest(path: Path) -> str:
    """Hash a file.

    Parameters
    ----------
    path : Path
        Of any size.

    Returns
    -------
    str
        SHA-256, in hexadecimal digits.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def describe(
    path: Path,
    parts: Sequence[Path],
    columns: Mapping[str, str],
    notes: Mapping[str, str],
    *,
    temp: Path,
) -> None:
    """Join Parquet files as one that says what it holds, whole or not at all.

    Parameters
    ----------
    path : Path
        The file; its folder exists.
    parts : sequence of Path
        What to join, in this order; their columns are called c0, c1 and so on. None
        makes a table without rows.
    columns : mapping
        Type of each column by the name that it gets. Numbers that are none become
        missing.
    notes : mapping
        Texts by name, for the file's own metadata.
    temp : Path
        Folder for what does not fit into memory.
    """
    cells = ", ".join(
        f"{_cell(f'c{place}', kind)} as {identifier(name)}"
        for place, (name, kind) in enumerate(columns.items())
    )
    nothing = ", ".join(
        f"cast(null as {kind}) as c{place}"
        for place, kind in enumerate(columns.values())
    )
    rows = scan(parts) if parts else f"(select {nothing}) where false"
    said = ", ".join(f"{quoted(key)}: {quoted(text)}" for key, text in notes.items())
    folders = [path.parent, *{part.parent for part in parts}]
    with placed(path) as unfinished, connection(temp, folders=folders) as opened:
        opened.execute(
            f"copy (select {cells} from {rows}) "  # noqa: S608  # all quoted
            f"to {quoted(str(unfinished))} "
            f"(format parquet, compression zstd, kv_metadata {{{said}}})"
        )


def _cell(name: str, kind: str) -> str:
    if kind in {"double", "float"}:
        name = f"nullif({name}, 'NaN'::{kind})"
    return f"cast({name} as {kind})"


def identifier(name: str) -> str:
    """Write a name as SQL.

    Parameters
    ----------
    name : str
        Of a column.

    Returns
    -------
    str
        In quotation marks, those inside doubled.
    """
    return '"' + name.replace('"', '""') + '"'
