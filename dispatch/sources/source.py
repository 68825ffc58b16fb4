"""What every kind of source gives."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from dispatch.models import Run
from pulsar_ml.loader import Reject

if TYPE_CHECKING:
    import pandas as pd

# Gives a sign of life, and raises what is to end the work.
Beat = Callable[[], None]


class Sample(NamedTuple):
    """The first rows that a source would give; nothing of them is kept."""

    # None where it would give nothing.
    frame: "pd.DataFrame | None"
    rejects: list[Reject]
    notes: list[str]
    # Names of what was read, and of the first of what has to wait.
    files: list[str]
    waiting: list[str]


class Source(Protocol):
    """Where a schedule's candidates come from; made of its settings."""

    @property
    def kind(self) -> str:
        """What the settings call it."""

    def check(self) -> list[str]:
        """What is wrong with it at this moment; empty where nothing is."""

    def words(self) -> str:
        """What it is, for people."""

    def reads(self, folder: Path) -> bool:
        """Whether it would read a file that somebody writes into this folder."""

    def sample(self, n_rows: int) -> Sample:
        """The first rows, whether they were taken in before or not."""

    def collect(self, run: Run, beat: Beat) -> bool:
        """Fix what the run reads, once for all its tries; whether there is anything.

        A folder lists its files in a batch. What keeps no files, as a table does,
        fixes up to which key it is read.
        """


def first(names: Sequence[str], most: int = 3) -> str:
    """The first of these names, and how many more there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"
