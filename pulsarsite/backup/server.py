"""A MariaDB or MySQL database: dumped and loaded by the installed client programs."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.db import connections

from pulsar_ml.place import placed
from pulsarsite.backup.errors import BackupError, CannotBackUp

_DUMP = (
    # One moment for all tables, and no lock that a writer would wait for.
    *("--single-transaction", "--skip-lock-tables", "--quick"),
    *("--hex-blob", "--no-tablespaces", "--skip-dump-date"),
)
_SIZE = (
    "SELECT COALESCE(SUM(data_length + index_length), 0)"
    " FROM information_schema.tables WHERE table_schema = %s"
)


class Server:
    """The database of an alias on its server."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self.settings: dict[str, Any] = connections[alias].settings_dict

    @property
    def file(self) -> str:
        return f"databases/{self.alias}.sql"

    def size(self) -> int:
        with connections[self.alias].cursor() as cursor:
            cursor.execute(_SIZE, [self.settings["NAME"]])
            return int(cursor.fetchone()[0])

    def snapshot(self, target: Path) -> None:
        target.unlink(missing_ok=True)
        target.touch(mode=0o600)
        program = _program("mariadb-dump", "mysqldump")
        with target.open("wb") as file:
            self._run([program, *self._login(), *_DUMP, self._name], stdout=file)

    @contextmanager
    def reading(self, target: Path) -> Iterator[str]:
        yield self.alias  # a dump cannot be asked; these rows are a moment younger

    def count(self, target: Path) -> dict[str, int]:
        tables = self._tables()
        counts = (f"SELECT '{table}', count(*) FROM `{table}`" for table in tables)  # noqa: S608
        asked = [
            "--batch",
            "--skip-column-names",
            "--execute",
            " UNION ALL ".join(counts),
        ]
        said = self._run([*self._client(), *asked, self._name], stdout=subprocess.PIPE)
        pairs = (line.split("\t") for line in said.decode().splitlines())
        return {table: int(rows) for table, rows in pairs}

    def is_empty(self) -> bool:
        return not self._tables()

    def move_aside(self, folder: Path) -> None:
        file = folder / Path(self.file).name
        if not self.is_empty() and not file.exists():
            with placed(file) as draft:
                self.snapshot(draft)
        self._drop_all()

    def load(self, source: Path) -> None:
        self._drop_all()
        with source.open("rb") as file:
            # In binary mode nothing in the dump is taken for an order to the program.
            self._run([*self._client(), "--binary-mode", self._name], stdin=file)

    def _tables(self) -> list[str]:
        return connections[self.alias].introspection.table_names()

    def _drop_all(self) -> None:
        names = ", ".join(f"`{table}`" for table in self._tables())
        # The log's own connection waits two seconds and no longer.
        connections[self.alias].close()
        if names:
            drop = f"SET FOREIGN_KEY_CHECKS=0; DROP TABLE {names}"
            self._run([*self._client(), f"--execute={drop}", self._name])

    @property
    def _name(self) -> str:
        return str(self.settings["NAME"])

    def _client(self) -> list[str]:
        return [_program("mariadb", "mysql"), *self._login()]

    def _login(self) -> list[str]:
        # As the site itself: no file of this user's says otherwise.
        return [
            *("--no-defaults", "--default-character-set=utf8mb4"),
            f"--host={self.settings['HOST']}",
            f"--port={self.settings['PORT']}",
            f"--user={self.settings['USER']}",
        ]

    def _run(
        self,
        command: list[str],
        *,
        stdin: IO[bytes] | None = None,
        stdout: IO[bytes] | int = subprocess.DEVNULL,
    ) -> bytes:
        # A command line can be read by everybody, and a file outlives who is killed.
        environ = os.environ | {"MYSQL_PWD": self.settings["PASSWORD"]}
        done = subprocess.run(  # noqa: S603  # a client of the database
            command,
            check=False,
            env=environ,
            stdin=stdin or subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
        )
        if done.returncode:
            why = " ".join(done.stderr.decode("utf-8", "replace").split())
            raise BackupError(f"{self.alias}: {Path(command[0]).name} failed: {why}")
        return done.stdout or b""


def _program(*names: str) -> str:
    """The client that is installed, MariaDB's or MySQL's."""
    for name in names:
        if found := shutil.which(name):
            return found
    raise CannotBackUp(
        f"{' or '.join(names)} is not installed: apt-get install mariadb-client"
    )
