"""The databases that connections are tried on: each test gets an empty one."""

import itertools
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from conftest import require
from pulsarsite.tests import mariadb, postgres

try:
    import pyodbc
except ImportError:  # it needs Debian's unixodbc
    pyodbc = None

DRIVERS = {
    "sqlite-odbc": "SQLite3",
    "mariadb": "MariaDB Unicode",
    "postgresql": "PostgreSQL Unicode",
}
# The first is Python's own module.
NAMES = ("sqlite", *DRIVERS)
PASSWORD = mariadb.PASSWORD
_number = itertools.count(1)


class Engine:
    """One kind of database, and an empty one of that kind."""

    def __init__(self, name: str, folder: Path, server: object = None) -> None:
        self.name = name
        self.folder = folder
        self.server = server
        self.database = ""
        self.fresh()

    def fresh(self) -> str:
        """Make an empty database and go on with that; return its name."""
        self.database = f"t{os.getpid()}_{next(_number)}"
        if self.server:
            self.server.sql(f"CREATE DATABASE {self.database}")
        else:
            with closing(sqlite3.connect(self.file)) as new:
                # Without a table yet, but no longer an empty file.
                new.execute("PRAGMA user_version = 1")
        return self.database

    @property
    def file(self) -> Path:
        """Of SQLite."""
        return self.folder / f"{self.database}.sqlite3"

    def target(self, *, read_only: bool = True, **changes: object) -> dict:
        """What an order says of where to go: user="reader" may only read."""
        target = {
            "name": "survey",
            "driver": "",
            "dsn": "",
            "file": "",
            "options": {},
            "user": "",
            "password": "",
            "read_only": read_only,
            "connect_seconds": 10,
            "statement_seconds": 60,
        }
        return target | self._place() | changes

    def _place(self) -> dict:
        if self.name == "sqlite":
            return {"file": str(self.file)}
        if self.name == "sqlite-odbc":
            return {
                "driver": DRIVERS[self.name],
                "options": {"Database": str(self.file)},
            }
        options = {"SERVER": "127.0.0.1", "PORT": str(self.server.port)}
        return {
            "driver": DRIVERS[self.name],
            "options": options | {"DATABASE": self.database},
            "user": "pulsar",
            "password": PASSWORD,
        }

    def connect(self):
        """A connection of the test's own, each statement a transaction until told."""
        if self.file.exists():
            return sqlite3.connect(self.file, isolation_level=None, timeout=10)
        place = self._place()
        login = {"UID": place["user"], "PWD": place["password"]}
        words = {"DRIVER": f"{{{place['driver']}}}", **place["options"], **login}
        said = ";".join(f"{key}={value}" for key, value in words.items())
        return pyodbc.connect(said, autocommit=True)

    def execute(self, sql: str, *values: object) -> None:
        with closing(self.connect()) as own:
            own.execute(sql, values)

    def rows(self, sql: str, *values: object) -> list[tuple]:
        with closing(self.connect()) as own:
            return [tuple(row) for row in own.execute(sql, values).fetchall()]


class Servers:
    """Each server is started when it is first wanted, once in a test process."""

    def __init__(self) -> None:
        self._started: dict[str, mariadb.Server | postgres.Server] = {}

    def __call__(self, name: str) -> mariadb.Server | postgres.Server | None:
        if name.startswith("sqlite"):
            return None
        if name not in self._started:
            new = (
                # Not pytest's own folder: its path may be too long for a socket.
                mariadb.Server(Path(tempfile.mkdtemp(prefix="mariadb-")))
                if name == "mariadb"
                else postgres.Server()
            )
            self._started[name] = new
            new.start()
        return self._started[name]

    def remove(self) -> None:
        for name, server in self._started.items():
            (mariadb if name == "mariadb" else postgres).remove(server)


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """One of each that is wanted, for all tests of this process."""
    started = Servers()
    yield started
    started.remove()


@pytest.fixture(params=NAMES)
def engine(request: pytest.FixtureRequest, servers: Servers, tmp_path: Path) -> Engine:
    """Each database in turn; or some, by parametrize("engine", [], indirect=True)."""
    name = request.param
    if name in DRIVERS:
        installed = pyodbc.drivers() if pyodbc else []
        require(DRIVERS[name] in installed, f"{DRIVERS[name]} is no ODBC driver here")
    return Engine(name, tmp_path, servers(name))
