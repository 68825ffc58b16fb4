"""The table beside a labelled one: when and by which beam each row was observed."""

from typing import TYPE_CHECKING

from pulsar_ml.errors import BadInput
from pulsar_ml.formats import door
from pulsar_ml.loader import Source

if TYPE_CHECKING:
    import pandas as pd

# By which names the two are known that have a meaning of their own.
POINTINGS = ("pointing", "pointing_utc")
NAMES = ("candidate", "name")


def read(source: Source) -> "pd.DataFrame":
    """Read what was observed.

    Parameters
    ----------
    source : Source
        CSV with the columns ``row`` (0-based, of the table) and ``pointing_utc`` or
        ``pointing``, and any others.

    Returns
    -------
    DataFrame
        Texts; its index are the table's rows from 1 on.

    Raises
    ------
    BadInput
        If it is no such table; the message begins with its name.
    """
    try:
        with door.words(source.name):
            return _indexed(_texts(source))
    except BadInput as error:
        raise BadInput(f"{source.name} {error}.") from error


def _texts(source: Source) -> "pd.DataFrame":
    import pandas as pd  # slow, and no start of a program needs it

    try:
        return pd.read_csv(
            source.path,
            dtype=str,
            keep_default_na=False,
            skipinitialspace=True,
            encoding="utf-8-sig",
        )
    except (ValueError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        reason = str(error).strip().splitlines()[0].removesuffix(".")
        raise BadInput(f"is no CSV table: {reason}") from error


def _indexed(frame: "pd.DataFrame") -> "pd.DataFrame":
    import pandas as pd  # slow, and no start of a program needs it

    frame = frame.rename(columns=lambda name: str(name).strip().casefold())
    if "row" not in frame or not {*POINTINGS} & {*frame.columns}:
        raise BadInput("needs the columns row and pointing_utc")
    rows = pd.to_numeric(frame["row"], errors="coerce")
    wrong = frame.index[~((rows >= 0) & (rows % 1 == 0))]
    if len(wrong):
        value = frame["row"].loc[wrong[0]]
        raise BadInput(f"line {wrong[0] + 2}: row is {value!r}, not a number from 0 on")
    # The table counts its rows from 1.
    frame = frame.drop(columns="row").set_index(rows.astype("int64") + 1)
    if not frame.index.is_unique:
        twice = frame.index[frame.index.duplicated()][0] - 1
        raise BadInput(f"has row {twice} twice")
    return frame
