"""Try a connection step by step, and say in words what was found."""

import re
import socket
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from pulsar_ml.databases import connect, dialects, faults, options, rights, tables
from pulsar_ml.databases.connect import Connection
from pulsar_ml.databases.relation import Relation
from pulsar_ml.databases.rights import Found
from pulsar_ml.databases.target import Target
from pulsar_ml.errors import DatabaseFault

Tell = Callable[[Mapping[str, Any]], None]
_PORTS = {"mariadb": 3306, "postgresql": 5432, "sqlserver": 1433}
# What ODBC calls the question for the version of the database.
_SQL_DBMS_VER = 18


def look(order: Mapping[str, Any], tell: Tell) -> None:
    """Carry out the verb ``look``.

    Parameters
    ----------
    order : mapping
        With `target`, and perhaps the name of a `table` to read.
    tell : callable
        Takes a line a step, and ``done``. The first step that fails is the last.
    """
    target = Target.from_dict(order["target"])
    with suppress(_Failed):
        _steps(_Look(target, tell), order.get("table") or "")
    tell({"done": True})


def _steps(look: "_Look", table: str) -> None:
    look.step("Driver found", look.driver)
    look.step("Address resolved", look.address)
    look.step("Connected", look.connection)
    look.step("Logged in", look.login)
    try:
        look.step("Tables read", partial(look.tables, table))
        name = (
            "Only reading is allowed" if look.target.read_only else "Writing is allowed"
        )
        look.step(name, look.rights)
    finally:
        look.close()


class _Failed(Exception):
    """A step failed, and none of those after it can be tried."""


class _Look:
    """The steps, each with what it finds for those after it."""

    def __init__(self, target: Target, tell: Tell) -> None:
        self.target = target
        self._tell = tell
        self._family = "sqlite" if target.file else ""
        self._address: Any = None
        self._raw: Any = None
        self._opened: Connection | None = None

    def step(self, name: str, tried: Callable[[], Found]) -> None:
        """Try one step, and tell how it went and how long it took."""
        self._tell({"doing": name.lower()})
        begun = time.monotonic()
        try:
            found = tried()
        except DatabaseFault as error:
            found = Found(holds=False, words=str(error))
        except connect.driver_errors() as error:
            found = Found(holds=False, words=faults.words(error, self.target))
        seconds = round(time.monotonic() - begun, 3)
        told = {"step": name, "ok": found.holds, "words": found.words}
        self._tell({**told, "seconds": seconds})
        if found.holds is False:
            raise _Failed

    def driver(self) -> Found:
        """Find what reaches the database."""
        if self.target.file:
            words = f"Python's own SQLite {sqlite3.sqlite_version}, without ODBC."
            return Found(holds=True, words=words)
        driver = connect.driver_of(self.target)
        self._family = options.family(driver)
        if self.target.dsn:
            words = f"The data source {self.target.dsn}, by the driver {driver}."
        else:
            words = f"The ODBC driver {driver}."
        return Found(holds=True, words=words)

    def address(self) -> Found:
        """Find where the database is."""
        if self._family == "sqlite":
            return self._file()
        host = self.target.option("SERVER", "Servername", "Host", "Address")
        if not host or host.startswith("/") or self.target.option("SOCKET"):
            return Found(None, "No address is given here: the driver knows it.")
        default = _PORTS.get(self._family, 0)
        # SQL Server's driver has the port behind the host.
        host, _, port = host.removeprefix("tcp:").partition(",")
        port = self.target.option("PORT") or port or str(default)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise DatabaseFault(f"No machine called {host} is known here.") from None
        self._address = found[0][4][:2]
        return Found(holds=True, words=f"{host} is {self._address[0]}.")

    def _file(self) -> Found:
        path = self.target.file or self.target.option("Database")
        if not path:
            return Found(None, "No file is given here: the driver knows it.")
        connect.there(Path(path))
        return Found(holds=True, words=f"The file {path} is there.")

    def connection(self) -> Found:
        """Reach the machine."""
        if self._address is None:
            return Found(
                None, "There is nothing to reach by network that is known here."
            )
        host, port = self._address
        try:
            socket.create_connection(self._address, self.target.connect_seconds).close()
        except OSError as error:
            why = error.strerror or "it did not answer in time"
            raise DatabaseFault(
                f"{host} cannot be reached at port {port}: {why}."
            ) from None
        return Found(holds=True, words=f"{host} answers at port {port}.")

    def login(self) -> Found:
        """Open the database, and begin a session as we want it."""
        self._raw = connect.opened(self.target)
        opened = Connection(self._raw, connect.dialect_of(self._raw))
        connect.begin(opened, self.target)
        self._opened = opened
        if opened.dialect is dialects.SQLITE:
            # A file that is no database shows it at the first question alone.
            opened.execute("SELECT COUNT(*) FROM sqlite_master").fetchall()
            return Found(holds=True, words="SQLite asks for no login.")
        version = re.sub(r"\b0+(?=\d)", "", self._raw.getinfo(_SQL_DBMS_VER))
        who = self.target.user or "whom the driver names"
        return Found(holds=True, words=f"As {who}, to {opened.dialect.name} {version}.")

    def tables(self, table: str) -> Found:
        """Read a table, or the list of them."""
        opened = self._inside()
        if table:
            relation = Relation(opened, table, "")
            sql = opened.dialect.limited("t.*", f"FROM {relation.sql}", 1)
            n_rows = len(opened.execute(sql).fetchmany(1))
            found = "a row was read" if n_rows else "it has no row"
            n_columns = len(relation.columns)
            return Found(holds=True, words=f"{table} has {n_columns} columns; {found}.")
        n_tables = len(tables.listed(opened))
        if not n_tables:
            words = "There is no table that this login may read."
            return Found(None if self.target.read_only else True, words)
        return Found(
            holds=True, words=f"Tables and views that can be seen: {n_tables}."
        )

    def rights(self) -> Found:
        """Try what this login may do."""
        tried = rights.reading if self.target.read_only else rights.writing
        return tried(self._inside(), self.target)

    def _inside(self) -> Connection:
        if self._opened is None:
            raise _Failed
        return self._opened

    def close(self) -> None:
        """Leave the database."""
        with suppress(*connect.driver_errors()):
            self._raw.close()
