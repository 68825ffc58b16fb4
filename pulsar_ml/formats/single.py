"""A raw candidate as a table of one row."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.errors import BadInput
from pulsar_ml.features import FEATURES
from pulsar_ml.formats.columns import kept
from pulsar_ml.formats.raw import Candidate
from pulsar_ml.formats.table import OPENING, Block, Reject, Source, Table

if TYPE_CHECKING:
    import pandas as pd

_FROM_HEADER = ("period_s", "pdot", "dm", "snr", "sigma", "ra_deg", "dec_deg", "mjd")
# What a raw candidate's row has besides, all of it from its own file.
OWN = frozenset({*_FROM_HEADER, "other_kind", "kind", "source"})
# What a file of the kind never has.
_NEVER = {"phcx": "sigma", "pfd": "snr"}


def table(source: Source, read: Callable[[Source], Candidate]) -> Table:
    """Open a raw candidate as a table.

    Parameters
    ----------
    source : Source
        The file.
    read : callable
        Reads it.

    Returns
    -------
    Table
        Of one row, good or rejected.

    Raises
    ------
    BadInput
        The file is damaged.
    """
    candidate = read(source)
    told, notes = _told(source)
    names = (*_known(candidate), *told, "kind", "source")
    found = (*candidate.notes, *notes)
    return Table(lambda: names, found, partial(_blocks, source, candidate))


def _known(candidate: Candidate) -> dict[str, str | None]:
    """Tell what the header can say, by the names of its columns."""
    values = {name: getattr(candidate.header, name) for name in _FROM_HEADER}
    del values[_NEVER[candidate.kind]]
    return {n: None if value is None else repr(value) for n, value in values.items()}


def _told(source: Source) -> tuple[dict[str, str], list[str]]:
    """Give the columns of the tables beside it, under names that it has not itself."""
    values = [value for told in source.told for value in told.values()]
    names = [name for told in source.told for name in told.columns]
    clean, notes = kept(dict(enumerate(names)), _FROM_HEADER)
    said = [told.note for told in source.told if told.note]
    return {name: values[place] for place, name in clean.items()}, [*said, *notes]


def _blocks(source: Source, candidate: Candidate, skip: int) -> Iterator[Block]:
    if skip:
        return
    size = sum(path.stat().st_size for path in (source.path, source.beside) if path)
    rejects = []
    try:
        rows = [candidate.features()]
    except BadInput as error:
        rows = []
        rejects = [Reject(1, source.name, None, "", "", str(error))]
    yield Block(1, 1, _frame(source, candidate, rows), rejects, 0, size, size, OPENING)


def _frame(
    source: Source, candidate: Candidate, rows: list[NDArray[np.float64]]
) -> "pd.DataFrame":
    import pandas as pd  # slow, and no start of a program needs it

    index = range(len(rows))
    known = _known(candidate) | _told(source)[0]
    texts = known | {"kind": candidate.kind, "source": source.name}
    frame = pd.DataFrame(rows, columns=list(FEATURES), index=index, dtype="float64")
    frame.insert(0, "row", pd.Series(1, index, dtype="int64"))
    frame.insert(1, "name", pd.Series(source.name, index, dtype=object))
    frame["other_kind"] = candidate.other_kind
    for name, value in texts.items():
        frame[name] = pd.Series([value] * len(rows), index, dtype=object)
    return frame
