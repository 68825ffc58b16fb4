"""What a driver says, in words for people, and whether it may pass by itself."""

import re
import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from pulsar_ml.errors import DatabaseFault

if TYPE_CHECKING:
    from pulsar_ml.databases.target import Target


class Kind(NamedTuple):
    """A sort of fault: what it means, and whether it may pass by itself."""

    words: str
    passing: bool


LOGIN = Kind("refuses this user or password", passing=False)
RIGHTS = Kind("does not allow this user to do that", passing=False)
READ_ONLY = Kind("allows no changes here", passing=False)
NO_DATABASE = Kind("has no such database", passing=False)
NO_TABLE = Kind("has no such table", passing=False)
NO_COLUMN = Kind("has no such column", passing=False)
TAKEN = Kind("has a table of this name already", passing=False)
DOUBLE = Kind("refuses a row by a rule of the table", passing=False)
SYNTAX = Kind("does not understand the query", passing=False)
UNREACHED = Kind("cannot be reached", passing=True)
LOST = Kind("broke the connection off", passing=True)
DEADLOCK = Kind("gave way to another transaction", passing=True)
LOCKED = Kind("waited in vain for what another transaction holds", passing=True)
SLOW = Kind("did not finish in time", passing=True)
FULL = Kind("has no room or no connection left", passing=True)
OTHER = Kind("reports a fault", passing=False)

# Of SQLSTATE the longest beginning counts. MariaDB's driver often says no more than
# HY000: then the server's own number tells, which stands in brackets after its words.
_STATES = {
    "08": UNREACHED,
    "08S01": LOST,
    "08003": LOST,
    "08007": LOST,
    "HYT": SLOW,
    "HY008": SLOW,
    "22": OTHER,
    "23": DOUBLE,
    "25006": READ_ONLY,
    "28": LOGIN,
    "3D000": NO_DATABASE,
    "40": DEADLOCK,
    "42501": RIGHTS,
    "42": SYNTAX,
    "42S01": TAKEN,
    "42P07": TAKEN,
    "42S02": NO_TABLE,
    "42P01": NO_TABLE,
    "42S22": NO_COLUMN,
    "42703": NO_COLUMN,
    "53": FULL,
    "55P03": LOCKED,
    "57014": SLOW,
    "57P": LOST,
    "58": LOST,
}
_MARIADB = {
    1021: FULL,
    1040: FULL,
    1041: FULL,
    1044: RIGHTS,
    1045: LOGIN,
    1049: NO_DATABASE,
    1050: TAKEN,
    1053: LOST,
    1054: NO_COLUMN,
    1062: DOUBLE,
    1064: SYNTAX,
    1114: FULL,
    1142: RIGHTS,
    1143: RIGHTS,
    1146: NO_TABLE,
    1158: LOST,
    1159: LOST,
    1160: LOST,
    1161: LOST,
    1203: FULL,
    1205: LOCKED,
    1213: DEADLOCK,
    1227: RIGHTS,
    1290: READ_ONLY,
    1317: SLOW,
    1698: LOGIN,
    1792: READ_ONLY,
    1836: READ_ONLY,
    1927: LOST,
    1969: SLOW,
    2002: UNREACHED,
    2003: UNREACHED,
    2005: UNREACHED,
    2006: LOST,
    2013: LOST,
    3024: SLOW,
    3572: LOCKED,
}
_SQLITE = {
    3: RIGHTS,
    5: LOCKED,
    6: LOCKED,
    8: READ_ONLY,
    9: SLOW,
    10: FULL,
    13: FULL,
    14: UNREACHED._replace(passing=False),
    19: DOUBLE,
    26: OTHER,
}
_SQLSERVER = {
    208: NO_TABLE,
    207: NO_COLUMN,
    229: RIGHTS,
    1105: FULL,
    1205: DEADLOCK,
    1222: LOCKED,
    3906: READ_ONLY,
    4060: NO_DATABASE,
    9002: FULL,
    18456: LOGIN,
}
# For what drivers do not number: who is asked by PostgreSQL's driver to say why it did
# not connect, or by SQLite's what it lacks.
_SPOKEN = (
    (re.compile(r"password authentication failed|no password supplied", re.I), LOGIN),
    (re.compile(r"role .* does not exist|no pg_hba\.conf entry", re.I), LOGIN),
    (re.compile(r"database .* does not exist", re.I), NO_DATABASE),
    (re.compile(r"no such table|relation .* does not exist", re.I), NO_TABLE),
    (re.compile(r"no such column|column .* does not exist", re.I), NO_COLUMN),
    (re.compile(r"permission denied|access denied", re.I), RIGHTS),
    (re.compile(r"table .* already exists", re.I), TAKEN),
    (
        re.compile(r"read-?only (trans|data)|connection is readonly", re.I),
        READ_ONLY,
    ),
    (re.compile(r"deadlock|could not serialize", re.I), DEADLOCK),
    (re.compile(r"database (table )?is locked|lock timeout", re.I), LOCKED),
    (re.compile(r"statement timeout|interrupted", re.I), SLOW),
    (re.compile(r"disk is full|no space left|too many (clients|conn)", re.I), FULL),
    (
        re.compile(
            r"server closed the connection|connection (is |has been )?(lost|dead|reset)"
            r"|no connection to the server|gone away|terminating connection|"
            r"shutting down|starting up|recovery mode|ssl (syscall|connection)",
            re.I,
        ),
        LOST,
    ),
    (
        re.compile(r"unable to open|could not connect|connection refused", re.I),
        UNREACHED,
    ),
    (re.compile(r"UNIQUE constraint failed|duplicate key", re.I), DOUBLE),
    (re.compile(r"syntax error|near \".*\"", re.I), SYNTAX),
)
_BRACKETS = re.compile(r"^(\s*\[[^\]]*\])+\s*")
_CALL = re.compile(r"\s*\(\d+\)?\s*\(SQL\w+\)|\s*\(SQL\w+\)")
_NUMBER = re.compile(r"\((-?\d+)\)")
_LONGEST = 400


def fault(error: Exception, target: "Target") -> DatabaseFault:
    """Say what a driver has raised.

    Parameters
    ----------
    error : Exception
        Of pyodbc or sqlite3.
    target : Target
        The database it came from.

    Returns
    -------
    DatabaseFault
        To be raised in its stead.
    """
    found = kind(error)
    words = f"{target.name} {found.words}: {said(error, target)}"
    return DatabaseFault(words, passing=found.passing)


def words(error: Exception, target: "Target") -> str:
    """Say what a driver has raised, as `fault` does.

    Parameters
    ----------
    error : Exception
        Of pyodbc or sqlite3.
    target : Target
        The database it came from.

    Returns
    -------
    str
        One or two sentences.
    """
    return str(fault(error, target))


def kind(error: Exception) -> Kind:
    """Tell what sort of fault a driver has raised.

    Parameters
    ----------
    error : Exception
        Of pyodbc or sqlite3.

    Returns
    -------
    Kind
        `OTHER` if nothing tells.
    """
    if isinstance(error, UnicodeError):
        return OTHER
    text = _text(error)
    for numbers in _numbered(error, text):
        if numbers:
            return numbers
    spoken = next((kind for words, kind in _SPOKEN if words.search(text)), None)
    return spoken or _by_state(error) or OTHER


def _numbered(error: Exception, text: str) -> "list[Kind | None]":
    """Tell what the numbers of the database itself stand for."""
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        return [None if code is None else _SQLITE.get(code & 0xFF)]
    table = next((t for mark, t in _NUMBERED if mark in text), {})
    return [table.get(int(number)) for number in _NUMBER.findall(text)]


_NUMBERED: tuple[tuple[str, dict[int, Kind]], ...] = (
    ("[ma-", _MARIADB),
    ("[MySQL]", _MARIADB),
    ("[SQLite]", _SQLITE),
    ("[SQL Server]", _SQLSERVER),
)


def _by_state(error: Exception) -> Kind | None:
    state = str(error.args[0]) if error.args else ""
    for length in range(len(state), 1, -1):
        if state[:length] in _STATES:
            return _STATES[state[:length]]
    return None


def said(error: Exception, target: "Target") -> str:
    """Give the driver's own words, cleaned.

    Parameters
    ----------
    error : Exception
        Of pyodbc or sqlite3.
    target : Target
        The database it came from.

    Returns
    -------
    str
        Without what means something to programs alone, and without the password.
    """
    plain = _CALL.sub("", _BRACKETS.sub("", _text(error)))
    plain = " ".join(scrubbed(plain, target).split()).rstrip(" ;.\0")
    return f"{plain[:_LONGEST] or type(error).__name__}."


def scrubbed(text: str, target: "Target") -> str:
    """Take the password out of a text.

    Parameters
    ----------
    text : str
        Of anybody.
    target : Target
        Whose password it is.

    Returns
    -------
    str
        With stars in its place.
    """
    if not target.password:
        return text
    for written in (target.password.replace("}", "}}"), target.password):
        text = text.replace(written, "***")
    return text


def _text(error: Exception) -> str:
    if isinstance(error, UnicodeError):
        return "A text is not in the character set that the database names"
    return str(error.args[-1]) if error.args else str(error)
