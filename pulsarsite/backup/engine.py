"""The database of an alias, by the engine that serves it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from django.db import connections

from pulsarsite.backup.server import Server
from pulsarsite.backup.sqlite import Sqlite

# In this order: what is pumped in between then stands in both, and is told once.
ALIASES = ("default", "events")


class Engine(Protocol):
    """What either engine can do for a back-up."""

    @property
    def file(self) -> str:
        """How its copy is called."""

    def size(self) -> int:
        """How much a copy takes, about."""

    def snapshot(self, target: Path) -> None:
        """Copy it as it is at one moment, while others write."""

    def reading(self, target: Path) -> AbstractContextManager[str]:
        """Ask what was copied, under the alias that this gives."""

    def count(self, target: Path) -> dict[str, int]:
        """How many rows each table has."""

    def is_empty(self) -> bool:
        """Whether it holds no table."""

    def move_aside(self, folder: Path) -> None:
        """Put what it holds into a folder; moved already, it is left alone."""

    def load(self, source: Path) -> None:
        """Hold what was copied and nothing else."""


_ENGINES: dict[str, Callable[[str], Engine]] = {"sqlite": Sqlite, "mysql": Server}


def of(alias: str) -> Engine:
    """The one that this site uses."""
    return _ENGINES[connections[alias].vendor](alias)
