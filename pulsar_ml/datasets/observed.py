"""What was noted when candidates were observed: columns gathered chunk by chunk."""

import math
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.datasets.store import RESERVED
from pulsar_ml.formats.sniff import MISSING_WORDS

if TYPE_CHECKING:
    import pandas as pd

Column = NDArray[Any]

# Longer texts would take the memory of all rows: each has room for the longest.
LONGEST = 200
_LONGEST_NAME = 60
# What a table of training has besides, and what rows are grouped by.
_TAKEN = RESERVED | {"sentinel", "group"}


def clean(name: str, taken: Iterable[str] = ()) -> str:
    """Give a column a name that is the same in files, pages and commands.

    Parameters
    ----------
    name : str
        As the file has it.
    taken : iterable of str
        What others are called.

    Returns
    -------
    str
        Small letters, digits and low lines; none of our own names, nor a taken one.
    """
    plain = re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")[:_LONGEST_NAME]
    plain = plain or "column"
    ours, number, others = plain, 1, {*_TAKEN, *taken}
    while ours in others:
        number += 1
        ours = f"{plain}_{number}"
    return ours


def column(texts: "pd.Series[Any]") -> Column:
    """Take a column as numbers, if it has nothing else.

    Parameters
    ----------
    texts : Series of str or None
        As the reader gives them.

    Returns
    -------
    ndarray of shape (n_rows,)
        Numbers (float64) with NaN for what is missing; or texts (object), empty there.
    """
    import pandas as pd  # slow, and no start of a program needs it

    given = texts.fillna("").str.strip()
    missing = given.str.lower().isin(MISSING_WORDS)
    numbers = pd.to_numeric(given.mask(missing), errors="coerce").to_numpy(np.float64)
    # The word for infinity is one, and no measurement.
    if missing.all() or (np.isfinite(numbers) | missing).all():
        return numbers
    return given.mask(missing, "").str.slice(stop=LONGEST).to_numpy(dtype=object)


class Gathered:
    """Columns that grow; one that a chunk does not have is missing there."""

    def __init__(self) -> None:
        self.n = 0
        self._parts: dict[str, list[tuple[int, Column]]] = {}

    def add(self, n: int, columns: dict[str, Column]) -> None:
        """Go on with so many rows.

        Parameters
        ----------
        n : int
            How many.
        columns : dict
            What there is of them.
        """
        for name, values in columns.items():
            self._parts.setdefault(name, []).append((self.n, values))
        self.n += n

    def whole(self) -> dict[str, Column]:
        """Join what was added; nothing is kept of it.

        Returns
        -------
        dict
            Each column over all rows. One that has texts anywhere is one of texts; one
            of which nothing is known is left out.
        """
        found = {name: self._join(name) for name in list(self._parts)}
        return {name: values for name, values in found.items() if _says(values)}

    def _join(self, name: str) -> Column:
        parts = self._parts.pop(name)
        if all(values.dtype.kind == "f" for _, values in parts):
            joined = np.full(self.n, np.nan)
        else:
            joined = np.full(self.n, "", dtype=object)
        for start, values in parts:
            fits = values if values.dtype == joined.dtype else _texts(values)
            joined[start : start + len(values)] = fits
        return joined


def _texts(numbers: Column) -> Column:
    return np.array([_text(number) for number in numbers.tolist()], dtype=object)


def _text(number: float) -> str:
    if math.isnan(number):
        return ""
    return str(int(number)) if number.is_integer() else repr(number)


def _says(values: Column) -> bool:
    if values.dtype.kind == "f":
        return not bool(np.isnan(values).all())
    return bool((values != "").any())
