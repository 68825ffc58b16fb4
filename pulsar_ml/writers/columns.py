"""What the columns of a table of results are: kinds, units, UCDs, descriptions."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pulsar_ml.features import FEATURES

if TYPE_CHECKING:
    import pandas as pd

WHOLE, DOUBLE, SINGLE, FLAG, TEXT = "whole", "double", "single", "flag", "text"
# What each kind is to DuckDB.
SQL_TYPES = {
    WHOLE: "bigint",
    DOUBLE: "double",
    SINGLE: "float",
    FLAG: "tinyint",
    TEXT: "varchar",
}
_LONGEST_NAME = 60
_MAIN_ID = "meta.id;meta.main"
_MOMENTS = {
    "mean": ("mean", "stat.value;stat.mean"),
    "std": ("standard deviation", "stat.stdev"),
    "skew": ("skewness", "stat.skewness"),
    "exkurt": ("excess kurtosis", "stat.kurtosis"),
}
_PARTS = {"prof": "the integrated profile", "dm": "the DM curve"}


class Column(NamedTuple):
    """A column of results.

    Attributes
    ----------
    name : str
        Its heading.
    kind : str
        `WHOLE`, `DOUBLE`, `SINGLE`, `FLAG` (a small number) or `TEXT`.
    source : str
        What it is in the query that gives its values, in SQL.
    unit : str
        As astropy writes it; empty without one.
    ucd : str
        What kind of quantity it is, in the words of the IVOA (UCD1+).
    description : str
        In a few words.
    width : int
        The longest of its texts, as FITS has it; 0 while nobody asked.
    """

    name: str
    kind: str
    source: str
    unit: str = ""
    ucd: str = ""
    description: str = ""
    width: int = 0


def results(
    metadata: Sequence[tuple[str, str]], *, version: str, numbered: bool
) -> tuple[Column, ...]:
    """List the columns of classified candidates.

    Parameters
    ----------
    metadata : sequence of (str, str)
        Name, as its file has it, and source of each further column.
    version : str
        Source of the model version.
    numbered : bool
        Whether the rows have numbers; else their names are what identifies them.

    Returns
    -------
    tuple of Column
        No two have the same name, whatever its case.
    """
    columns = [
        Column(
            "name",
            TEXT,
            "name",
            ucd="meta.id" if numbered else _MAIN_ID,
            description="Name of the candidate",
        ),
        *map(_feature, FEATURES),
        Column(
            "probability",
            SINGLE,
            "probability",
            ucd="stat.probability",
            description="Probability that it is a pulsar",
        ),
        Column(
            "predicted",
            FLAG,
            "predicted",
            ucd="src.class",
            description="1: the probability reaches the threshold; 0: it does not",
        ),
        Column(
            "warnings",
            TEXT,
            "warnings",
            ucd="meta.code",
            description="Codes joined by semicolons; empty: nothing to say",
        ),
        Column(
            "model_version",
            TEXT,
            version,
            ucd="meta.version",
            description="Version of the model that said so",
        ),
    ]
    if numbered:
        what = "Number of the row in the input of its batch, from 1"
        columns.insert(0, Column("row", WHOLE, "row", ucd=_MAIN_ID, description=what))
    columns += [Column(name, TEXT, source) for name, source in metadata]
    names = distinct([column.name for column in columns])
    return tuple(
        column._replace(name=name) for column, name in zip(columns, names, strict=True)
    )


def _feature(name: str) -> Column:
    part, _, moment = name.partition("_")
    words, ucd = _MOMENTS[moment]
    description = f"{words[0].upper()}{words[1:]} of {_PARTS[part]}"
    return Column(name, DOUBLE, name, ucd=ucd, description=description)


def distinct(names: Sequence[str]) -> list[str]:
    """Put a number behind each name that would be taken for another.

    Parameters
    ----------
    names : sequence of str
        Of columns; the first of equal ones keeps its name.

    Returns
    -------
    list of str
        Not empty, and different in more than their case.
    """
    taken = {name.casefold() for name in names}
    seen: set[str] = set()
    found = []
    for place, name in enumerate(names, 1):
        new, number = name or f"column_{place}", 2
        while new.casefold() in (seen if new == name else seen | taken):
            new, number = f"{name or f'column_{place}'}_{number}", number + 1
        seen.add(new.casefold())
        found.append(new)
    return found


def plain(names: Sequence[str]) -> list[str]:
    """Write names with letters, digits and underscores, as FITS recommends.

    Parameters
    ----------
    names : sequence of str
        Of columns.

    Returns
    -------
    list of str
        Different in more than their case, and none begins with an underscore.
    """
    simple = [re.sub("[^A-Za-z0-9_]+", "_", name).strip("_") for name in names]
    return distinct([name[:_LONGEST_NAME] for name in simple])


def texts(cells: "pd.Series[Any]") -> list[str | None]:
    """Take the texts out of a column of a frame.

    Parameters
    ----------
    cells : Series
        Texts, or whatever pandas has where there is none.

    Returns
    -------
    list of str or None
        None where there is nothing.
    """
    found: list[str | None] = cells.astype(object).where(cells.notna(), None).tolist()
    return found
