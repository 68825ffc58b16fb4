"""The files that steps leave for one another, each whole or not there at all."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.artefact import to_json
from pulsar_ml.place import placed


def write(path: Path, content: bytes) -> None:
    """Write a file.

    Parameters
    ----------
    path : Path
        Its folder exists.
    content : bytes
        All of it.
    """
    with placed(path) as unfinished:
        unfinished.write_bytes(content)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write what people read too.

    Parameters
    ----------
    path : Path
        Its folder exists.
    content : mapping
        No NaN: JSON has none.
    """
    write(path, to_json(content))


def read_json(path: Path) -> dict[str, Any]:
    """Read what `write_json` wrote.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    dict
        What it says.
    """
    content: dict[str, Any] = json.loads(path.read_bytes())
    return content


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays of numbers and texts; the same ones give the same bytes.

    Parameters
    ----------
    path : Path
        Its folder exists.
    arrays : mapping of str to ndarray
        By name; none of objects.
    """
    with placed(path) as unfinished, unfinished.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read what `write_arrays` wrote.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    dict of str to ndarray
        By name.
    """
    with np.load(path, allow_pickle=False) as opened:
        return dict(opened)
