"""What every kind of sink does."""

from typing import Any, Protocol

from dispatch.models import Run
from dispatch.sources.source import Beat, Source


class Sink(Protocol):
    """Where a run's results go; made of a schedule's settings."""

    @property
    def kind(self) -> str:
        """What the settings call it."""

    def check(self, source: Source | None = None) -> list[str]:
        """What is wrong with it at this moment, and beside this source."""

    def look(self, source: Source | None = None) -> list[str]:
        """The same, and what a database says of it; that may take seconds."""

    def words(self) -> str:
        """What it is, for people."""

    def persist(self, run: Run, beat: Beat) -> dict[str, Any]:
        """Put the results there; again, it leaves the very same.

        What it returns is kept with the run. A table is written here as well: part
        by part of the batch's ledger.
        """
