"""Open a database; the one place that knows which library reaches it."""

import importlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pulsar_ml.databases import dialects, faults, options
from pulsar_ml.databases.target import Target
from pulsar_ml.errors import DatabaseFault

if TYPE_CHECKING:
    from types import ModuleType

    from pulsar_ml.databases.dialects import Dialect

LACKING = (
    "ODBC is not installed on this machine. As root: apt-get install unixodbc, and the "
    "driver wanted: odbc-mariadb, odbc-postgresql, libsqliteodbc or tdsodbc."
)
Params = Sequence[Any]
_LONGEST_TEXT = 2**30


class Connection:
    """An open database. Parameters stand as ``?``, whatever it is.

    Parameters
    ----------
    raw : pyodbc.Connection or sqlite3.Connection
        Where every statement is committed by itself.
    dialect : Dialect
        What it speaks.

    Attributes
    ----------
    raw, dialect
        As they were given.
    """

    def __init__(self, raw: Any, dialect: "Dialect") -> None:
        self.raw = raw
        self.dialect = dialect
        self.through_odbc = not isinstance(raw, sqlite3.Connection)

    def execute(self, sql: str, params: Params = ()) -> Any:
        """Run one statement.

        Parameters
        ----------
        sql : str
            Names are quoted by the dialect.
        params : sequence
            For the places of ``?``.

        Returns
        -------
        cursor
            Of the driver; it has `fetchone`, `fetchmany`, `fetchall`, `description`
            and `rowcount`.
        """
        return self.raw.cursor().execute(sql, tuple(params))

    def executemany(self, sql: str, rows: Sequence[Params]) -> None:
        """Run one statement for each row.

        Parameters
        ----------
        sql : str
            As for `execute`.
        rows : sequence of sequence
            At least one.
        """
        self.raw.cursor().executemany(sql, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all of the body or nothing.

        Yields
        ------
        None
            What the body raises is raised after all was taken back.
        """
        self._begin()
        try:
            yield
            self._end("commit")
        except BaseException:
            with suppress(*driver_errors()):
                self._end("rollback")
            raise
        finally:
            if not self._is_sqlite:
                with suppress(*driver_errors()):
                    self.raw.autocommit = True

    @property
    def _is_sqlite(self) -> bool:
        return self.dialect is dialects.SQLITE

    def _begin(self) -> None:
        if self._is_sqlite:
            # The lock is taken where waiting for it helps, not at the first change.
            writing = self.execute("PRAGMA query_only").fetchall()[0][0] == 0
            self.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
        else:
            self.raw.autocommit = False

    def _end(self, how: str) -> None:
        if self._is_sqlite:
            self.execute(how)
        else:
            getattr(self.raw, how)()


def driver_errors() -> tuple[type[Exception], ...]:
    """List what the drivers raise.

    Returns
    -------
    tuple of exception types
        Those of sqlite3, and of pyodbc where it is there.
    """
    with suppress(DatabaseFault):
        return (sqlite3.Error, odbc().Error, UnicodeError)
    return (sqlite3.Error, UnicodeError)


def odbc() -> "ModuleType":
    """Import pyodbc.

    Returns
    -------
    module
        It.

    Raises
    ------
    DatabaseFault
        unixODBC is not installed; the message says how to get it.
    """
    try:
        # Slow, and not possible where unixODBC is lacking.
        pyodbc = importlib.import_module("pyodbc")
    except ImportError:
        raise DatabaseFault(LACKING) from None
    # A pool would hand a session on with whatever was said in it.
    vars(pyodbc)["pooling"] = False
    return pyodbc


@contextmanager
def connect(target: Target) -> Iterator[Connection]:
    """Open a database and begin a session as we want it.

    Parameters
    ----------
    target : Target
        Which one.

    Yields
    ------
    Connection
        Closed at the end of the body.

    Raises
    ------
    DatabaseFault
        It cannot be opened; or what a driver has raised in the body, in words.
    """
    errors = driver_errors() if target.file else (*driver_errors(), odbc().Error)
    try:
        raw = opened(target)
        try:
            connection = Connection(raw, dialect_of(raw))
            begin(connection, target)
            yield connection
        finally:
            with suppress(*errors):
                raw.close()
    except errors as error:
        raise faults.fault(error, target) from error


def opened(target: Target) -> Any:
    """Open a database, and say nothing to it.

    Parameters
    ----------
    target : Target
        Which one.

    Returns
    -------
    pyodbc.Connection or sqlite3.Connection
        Every statement is committed by itself.

    Raises
    ------
    DatabaseFault
        There is no such file, driver or data source.
    """
    if target.file:
        return _file(target)
    driver = driver_of(target)
    if options.family(driver) == "sqlite" and target.option("Database"):
        there(Path(target.option("Database")))
    raw = odbc().connect(
        options.written(target, driver),
        autocommit=True,
        timeout=max(1, round(target.connect_seconds)),
    )
    # Longer texts would go in pieces, which MariaDB's driver garbles if they are more
    # than ASCII.
    raw.maxwrite = _LONGEST_TEXT
    return raw


def driver_of(target: Target) -> str:
    """Find the driver of a target, also that of a data source.

    Parameters
    ----------
    target : Target
        No file.

    Returns
    -------
    str
        Its name, or its file.

    Raises
    ------
    DatabaseFault
        It is not installed; the message lists what is.
    """
    if target.driver:
        known = odbc().drivers()
        is_file = target.driver.startswith("/") and Path(target.driver).is_file()
        if target.driver not in known and not is_file:
            raise DatabaseFault(
                f"There is no ODBC driver called {target.driver}. Installed are: "
                f"{', '.join(known) or 'none'}."
            )
        return target.driver
    sources = odbc().dataSources()
    if target.dsn not in sources:
        raise DatabaseFault(
            f"There is no ODBC data source called {target.dsn}. Known are: "
            f"{', '.join(sources) or 'none'}."
        )
    return str(sources[target.dsn])


def there(path: Path) -> None:
    """Refuse a file that is not there, which SQLite would make.

    Parameters
    ----------
    path : Path
        Of a SQLite file.

    Raises
    ------
    DatabaseFault
        There is none.
    """
    if not path.is_file():
        raise DatabaseFault(f"There is no file {path}.")


def _file(target: Target) -> sqlite3.Connection:
    path = Path(target.file)
    there(path)
    mode = "ro" if target.read_only else "rw"
    opened = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        timeout=target.statement_seconds,
    )
    # Texts that are no UTF-8 shall neither end a run nor pass for others.
    opened.text_factory = _decoded
    return opened


def _decoded(text: bytes) -> str:
    return text.decode(errors="surrogateescape")


def dialect_of(raw: Any) -> "Dialect":
    """Tell what an open database speaks.

    Parameters
    ----------
    raw : pyodbc.Connection or sqlite3.Connection
        As `opened` gives it.

    Returns
    -------
    Dialect
        Its own.

    Raises
    ------
    DatabaseFault
        It is one that we do not speak.
    """
    if isinstance(raw, sqlite3.Connection):
        return dialects.SQLITE
    return dialects.told_by(raw)


def begin(connection: Connection, target: Target) -> None:
    """Say what is said at the begin of every session.

    Parameters
    ----------
    connection : Connection
        Just opened.
    target : Target
        What it was opened for.
    """
    for statement in connection.dialect.session(target):
        # A pragma answers, and a statement that is not done holds the database.
        cursor = connection.execute(statement)
        if cursor.description:
            cursor.fetchall()
        cursor.close()
