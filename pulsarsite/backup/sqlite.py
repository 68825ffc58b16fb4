"""An SQLite database: copied by its own online back-up while others write."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.db import connections

from pulsar_ml.place import sync
from pulsarsite.backup.copy import copy
from pulsarsite.backup.errors import CannotBackUp

# Under which name the rows of a copy are asked for.
_COPY = "backup"
# Seconds; the site's own patience with a lock.
_PATIENCE = 20


def copied(source: Path, target: Path) -> None:
    """Copy it as it is at one moment; the copy is one file and needs no other."""
    with (
        closing(sqlite3.connect(source, timeout=_PATIENCE)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        # In one go: in WAL mode a reader keeps no writer waiting.
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")


class Sqlite:
    """The file of an alias."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self.path = Path(connections[alias].settings_dict["NAME"])

    @property
    def file(self) -> str:
        return f"databases/{self.alias}.sqlite3"

    def size(self) -> int:
        files = (self.path, self.path.with_name(f"{self.path.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def snapshot(self, target: Path) -> None:
        target.unlink(missing_ok=True)
        target.touch(mode=0o600)
        try:
            copied(self.path, target)
            self._check(target)
        except sqlite3.Error as error:
            raise CannotBackUp(f"{self.path} cannot be copied: {error}") from error

    def _check(self, target: Path) -> None:
        with closing(sqlite3.connect(target)) as database:
            [(said,)] = database.execute("PRAGMA quick_check(1)").fetchall()
        if said != "ok":
            raise CannotBackUp(f"{self.path} is damaged: {said}")

    @contextmanager
    def reading(self, target: Path) -> Iterator[str]:
        known: dict[str, Any] = connections.databases
        known[_COPY] = known[self.alias] | {"NAME": target, "OPTIONS": {}}
        try:
            yield _COPY
        finally:
            connections[_COPY].close()
            del connections[_COPY], known[_COPY]

    def count(self, target: Path) -> dict[str, int]:
        with self.reading(target) as alias, connections[alias].cursor() as cursor:
            quoted = connections[alias].ops.quote_name
            counts = {}
            for table in connections[alias].introspection.table_names():
                cursor.execute(f"SELECT count(*) FROM {quoted(table)}")  # noqa: S608
                [counts[table]] = cursor.fetchone()
        return counts

    def is_empty(self) -> bool:
        if not self.path.exists():
            return True  # asked, it would be made
        return not connections[self.alias].introspection.table_names()

    def move_aside(self, folder: Path) -> None:
        empty = self.is_empty()
        connections[self.alias].close()
        if empty:
            return
        with closing(sqlite3.connect(self.path, timeout=_PATIENCE)) as database:
            # One file, with all that stood in those beside it.
            database.execute("PRAGMA journal_mode=DELETE")
        self.path.rename(folder / self.path.name)
        sync(folder)

    def load(self, source: Path) -> None:
        connections[self.alias].close()
        draft = self.path.with_name(f".restoring-{self.path.name}")
        draft.unlink(missing_ok=True)  # of a restore that was killed
        for beside in ("-wal", "-shm", "-journal"):
            # Of another file: what stands in them would be played into this one.
            self.path.with_name(f"{self.path.name}{beside}").unlink(missing_ok=True)
        copy(source, draft, lambda: None)
        sync(draft)
        draft.replace(self.path)
        sync(self.path.parent)
