"""What is known of the database's silence: a small file, written over in place.

On a full disk there is no room for another file, but this one has its own already.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from django.utils import timezone
from pydantic import BaseModel

from monitor.clock import step

NAME = "last_resort.state"
# A block of the disk, taken while all is well.
SIZE = 4096
# Seconds; who did not look for longer knows nothing of the time between.
LONGEST_GAP = 180


class Moment(BaseModel):
    """A time by both clocks: one that people set, and one that only goes on."""

    boot: str
    up: float
    wall: float

    @classmethod
    def now(cls) -> Self:
        return cls(boot=step.boot(), up=step.up(), wall=timezone.now().timestamp())

    def since(self, before: "Moment") -> float:
        """Seconds; only between two lives of the machine is the wall clock asked."""
        if self.boot == before.boot:
            return self.up - before.up
        return self.wall - before.wall

    def follows(self, before: "Moment") -> bool:
        """Whether nothing can have happened between two looks that neither saw."""
        return self.boot == before.boot and 0 <= self.since(before) <= LONGEST_GAP


class Run(BaseModel):
    """Looks in a row that found the same."""

    since: Moment
    last: Moment
    # In the driver's words; nothing when it answered.
    why: str = ""


class Told(BaseModel):
    """A silence that was told."""

    since: Moment
    at: Moment
    tried: Moment | None = None
    # The channels that know of it, by number.
    reached: list[int] = []


class State(BaseModel):
    """All that is known; of a database that answers, nothing."""

    run: Run | None = None
    told: Told | None = None


class Memory:
    """The file while it is ours."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._stored = os.pread(number, 16 * SIZE, 0)
        try:
            self.state = State.model_validate_json(self._stored)
        except ValueError:  # empty as yet, or cut off by a crash
            self.state = State()

    def save(self) -> None:
        """Keep what is known now; most of the time it is what was known before."""
        wanted = self.state.model_dump_json().encode().ljust(SIZE)
        if wanted != self._stored:
            os.pwrite(self._number, wanted, 0)
            os.ftruncate(self._number, len(wanted))
            self._stored = wanted


@contextmanager
def alone(root: Path) -> Iterator[Memory | None]:
    """Have the file to oneself, until the end of the process at the latest."""
    number = os.open(root / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield None  # somebody else is at it in this very moment
    else:
        yield Memory(number)
    finally:
        os.close(number)
