"""Which files a command line means, and what the result will be beside them."""

from collections.abc import Sequence
from pathlib import Path

from pulsar_ml.errors import BadInput
from pulsar_ml.formats.beside import paired
from pulsar_ml.formats.table import MAX_METADATA, Source
from pulsar_ml.formats.told import told
from pulsar_ml.loader import open_table


class Refused(Exception):
    """Wrong usage; the message says what is wrong."""


def sources(paths: Sequence[Path], out: Path | None) -> list[Source]:
    """List every file that is meant; what an earlier run wrote is not read again.

    Parameters
    ----------
    paths : sequence of Path
        Files, and folders with all below them.
    out : Path or None
        Where the result goes.

    Returns
    -------
    list of Source
        In the order in which they are read.

    Raises
    ------
    Refused
        If there is no such file, or it would be overwritten.
    """
    if out and not out.parent.is_dir():
        raise Refused(f"The folder of --out, {out.parent}, does not exist.")
    ours = {out.resolve(), rejects_of(out).resolve()} if out else set()
    found = []
    for path in paths:
        if path.is_dir():
            below = sorted(path.rglob("*"))
            found += [
                p for p in below if _is_visible(p, path) and p.resolve() not in ours
            ]
        elif not path.exists():
            raise Refused(f"{path}: there is no such file or folder.")
        elif path.resolve() in ours:
            raise Refused(f"{path} would be overwritten by --out.")
        else:
            found.append(path)
    return told(paired([Source(path, str(path)) for path in found]))


def _is_visible(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return not hidden and path.is_file()


def rejects_of(out: Path) -> Path:
    """Name the file of what could not be used.

    Parameters
    ----------
    out : Path
        Where the result goes.

    Returns
    -------
    Path
        Beside it.
    """
    return out.with_name(f"{out.name}.rejects.csv")


def metadata(files: Sequence[Source]) -> list[str]:
    """List the metadata columns of all files; their case makes no difference.

    Parameters
    ----------
    files : sequence of Source
        What will be read.

    Returns
    -------
    list of str
        As they are spelt where they come first.
    """
    spelling: dict[str, str] = {}
    for source in files:
        try:
            for name in open_table(source).metadata():
                spelling.setdefault(name.casefold(), name)
        except BadInput:
            continue  # becomes a reject when its turn comes
    return list(spelling.values())[:MAX_METADATA]
