"""What every writer of a file format gives."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pulsar_ml.writers.sheet import Sheet

if TYPE_CHECKING:
    import pandas as pd

Put = Callable[["pd.DataFrame"], None]


class Format(NamedTuple):
    """A file format: how files are called, and how one is written.

    Attributes
    ----------
    name : str
        What people ask for.
    label : str
        What they are shown.
    suffixes : tuple of str
        Of file names; the first is that of ours.
    media_type : str
        For the web.
    is_typed : bool
        Whether its columns have types, so that numbers are better than texts.
    is_fixed : bool
        Whether all texts of a column take the room of its longest one.
    opened : callable
        Takes the path, the sheet and a folder for what does not fit into memory;
        gives a context in which frames are put into the file, one after the other.
        The file is there whole when the context ends, or not at all.
    """

    name: str
    label: str
    suffixes: tuple[str, ...]
    media_type: str
    is_typed: bool
    is_fixed: bool
    opened: Callable[[Path, Sheet, Path], AbstractContextManager[Put]]
