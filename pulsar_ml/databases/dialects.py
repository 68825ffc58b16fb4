"""The four kinds of SQL that we speak, and where they differ."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulsar_ml.errors import DatabaseFault

if TYPE_CHECKING:
    from pulsar_ml.databases.target import Target


@dataclass(frozen=True)
class Dialect:
    """How a database wants its SQL.

    Attributes
    ----------
    name : str
        Of the database, for people.
    opening, closing : str
        Around a name.
    integer, text, double, timestamp : str
        Its types; `text` holds any length.
    key_text : callable
        From a number of characters: the type of a text that is compared byte by byte.
    session : callable
        From a target: what is said at the begin of every session.
    """

    name: str
    opening: str
    closing: str
    integer: str
    text: str
    double: str
    timestamp: str
    key_text: Callable[[int], str]
    session: "Callable[[Target], tuple[str, ...]]"

    def name_of(self, name: str) -> str:
        """Write a name as SQL.

        Parameters
        ----------
        name : str
            Of a column or a schema, without any dots that mean something.

        Returns
        -------
        str
            Quoted.
        """
        doubled = name.replace("\0", "").replace(self.closing, self.closing * 2)
        return f"{self.opening}{doubled}{self.closing}"

    def table(self, name: str) -> str:
        """Write the name of a table as SQL.

        Parameters
        ----------
        name : str
            As people write it: ``candidates`` or ``survey.candidates``. A part that
            has a dot of its own stands in quotation marks.

        Returns
        -------
        str
            Each part quoted.
        """
        return ".".join(map(self.name_of, parts(name)))

    def limited(self, columns: str, rest: str, rows: int) -> str:
        """Write a query that gives so many rows at most.

        Parameters
        ----------
        columns, rest : str
            What stands after SELECT, and from FROM on.
        rows : int
            How many.

        Returns
        -------
        str
            One SELECT.
        """
        if self is SQLSERVER:
            return f"SELECT TOP ({rows}) {columns} {rest}"
        return f"SELECT {columns} {rest} LIMIT {rows}"


def parts(name: str) -> list[str]:
    """Take the name of a table apart at its dots.

    Parameters
    ----------
    name : str
        Like ``survey.candidates`` or ``survey."2026.05"``.

    Returns
    -------
    list of str
        Its parts, without quotation marks.
    """
    found, quoted = [""], False
    for character in name:
        if character == '"':
            quoted = not quoted
        elif character == "." and not quoted:
            found.append("")
        else:
            found[-1] += character
    return found


def joined(names: Sequence[str]) -> str:
    """Write the parts of a table's name as people do.

    Parameters
    ----------
    names : sequence of str
        Schema and table, or the table alone.

    Returns
    -------
    str
        What `parts` takes apart again.
    """
    return ".".join(f'"{name}"' if "." in name else name for name in names)


def _mariadb(target: "Target") -> tuple[str, ...]:
    seconds = max(1, round(target.statement_seconds))
    # A second more than for locks: waiting for one is told from being slow. Of these
    # comments MariaDB carries the first out, MySQL the other.
    limit = f"/*M! max_statement_time = {seconds + 1} */"
    limit += f"/*!50708 max_execution_time = {1000 * (seconds + 1)} */"
    return (
        f"SET SESSION {limit}",
        f"SET SESSION innodb_lock_wait_timeout = {seconds}",
        f"SET SESSION lock_wait_timeout = {seconds}",
        "SET SESSION time_zone = '+00:00'",
        # What does not fit is refused, never cut.
        "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
        *_if(target.read_only, "SET SESSION TRANSACTION READ ONLY"),
    )


def _postgresql(target: "Target") -> tuple[str, ...]:
    milliseconds = max(1, round(1000 * target.statement_seconds))
    said = {
        "statement_timeout": str(milliseconds + 1000),
        "lock_timeout": str(milliseconds),
        "TimeZone": "UTC",
        "standard_conforming_strings": "on",
        "default_transaction_read_only": "on" if target.read_only else "off",
    }
    # A driver that was told to read only lets nothing through but SELECT.
    calls = [f"set_config('{name}', '{text}', false)" for name, text in said.items()]
    return (f"SELECT {', '.join(calls)}",)


def _sqlite(target: "Target") -> tuple[str, ...]:
    milliseconds = max(1, round(1000 * target.statement_seconds))
    return (
        f"PRAGMA busy_timeout = {milliseconds}",
        *_if(target.read_only, "PRAGMA query_only = ON"),
    )


def _sqlserver(target: "Target") -> tuple[str, ...]:
    milliseconds = max(1, round(1000 * target.statement_seconds))
    return (
        f"SET LOCK_TIMEOUT {milliseconds}",
        "SET XACT_ABORT ON",
        "SET QUOTED_IDENTIFIER ON",
    )


def _if(wanted: bool, statement: str) -> tuple[str, ...]:  # noqa: FBT001  # reads well
    return (statement,) if wanted else ()


MARIADB = Dialect(
    name="MariaDB",
    opening="`",
    closing="`",
    integer="BIGINT",
    text="LONGTEXT CHARACTER SET utf8mb4",
    key_text="VARCHAR({}) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin".format,
    double="DOUBLE",
    timestamp="DATETIME(6)",
    session=_mariadb,
)
POSTGRESQL = Dialect(
    name="PostgreSQL",
    opening='"',
    closing='"',
    integer="BIGINT",
    text="TEXT",
    key_text='VARCHAR({}) COLLATE "C"'.format,
    double="DOUBLE PRECISION",
    timestamp="TIMESTAMP",
    session=_postgresql,
)
SQLITE = Dialect(
    name="SQLite",
    opening='"',
    closing='"',
    integer="INTEGER",
    text="TEXT",
    key_text="VARCHAR({})".format,
    double="DOUBLE",
    timestamp="TIMESTAMP",
    session=_sqlite,
)
SQLSERVER = Dialect(
    name="SQL Server",
    opening="[",
    closing="]",
    integer="BIGINT",
    text="NVARCHAR(MAX)",
    key_text="NVARCHAR({}) COLLATE Latin1_General_BIN2".format,
    double="FLOAT(53)",
    timestamp="DATETIME2(6)",
    session=_sqlserver,
)

# What ODBC calls the question for the name of a database.
_SQL_DBMS_NAME = 17
_BY_NAME = {
    "mariadb": MARIADB,
    "mysql": MARIADB,
    "postgresql": POSTGRESQL,
    "sqlite": SQLITE,
    "sqlite3": SQLITE,
    "microsoft sql server": SQLSERVER,
    "sql server": SQLSERVER,
}


def told_by(connection: Any) -> Dialect:
    """Ask the driver which database it has reached.

    Parameters
    ----------
    connection : pyodbc.Connection
        Open.

    Returns
    -------
    Dialect
        Of that database.

    Raises
    ------
    DatabaseFault
        It is one that we do not speak.
    """
    told = str(connection.getinfo(_SQL_DBMS_NAME))
    known = _BY_NAME.get(told.strip().casefold())
    if known is None:
        raise DatabaseFault(
            f"This is a database of the kind {told}; understood are MariaDB, MySQL, "
            "PostgreSQL, SQLite and SQL Server."
        )
    return known
