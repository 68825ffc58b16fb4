"""What a look says while it is at work, so that a kill leaves a trace."""

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from accounts.templatetags.times import duration
from monitor.models import Check
from monitor.probes.reading import Reading
from monitor.probes.scrub import words

# The pipe of a child; nothing where there is no parent that listens.
to_parent: ContextVar[int | None] = ContextVar("to_parent", default=None)


def tell(said: Mapping[str, Any]) -> None:
    """Say something to the parent, if this is a child."""
    pipe = to_parent.get()
    if pipe is not None:
        left = memoryview(json.dumps(said, default=str).encode() + b"\n")
        while left:
            left = left[os.write(pipe, left) :]


def brief(seconds: float) -> str:
    """A short time as databases are judged: 0.42 ms, 12 ms, 1.2 s."""
    # A little less would round to a thousand of them.
    return f"{seconds * 1000:.3g} ms" if seconds < 0.9995 else duration(seconds)


class Steps:
    """What a look does one after the other, told as it goes: a kill leaves a trace."""

    def __init__(self) -> None:
        self.done: list[dict[str, Any]] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time one step; an error is kept in its own words, and goes on its way."""
        begun = time.monotonic()
        step: dict[str, Any] = {"step": name, "seconds": None, "error": ""}
        self.done.append(step)
        tell({"steps": self.done})
        try:
            yield
        # Not caught: it goes on its way, and is told of here too.
        except Exception as error:
            step["error"] = words(error)
            raise
        finally:
            step["seconds"] = round(time.monotonic() - begun, 4)
            tell({"steps": self.done})

    @property
    def detail(self) -> dict[str, Any]:
        return {"steps": self.done}

    @property
    def took(self) -> float:
        return float(round(sum(step["seconds"] for step in self.done), 4))

    @property
    def summary(self) -> str:
        """How long each took: connect 2 ms, query 0.3 ms."""
        return ", ".join(
            f"{step['step']} {brief(step['seconds'])}" for step in self.done
        )

    def failed(self, detail: Mapping[str, Any]) -> Reading:
        """That the last step went wrong."""
        last = self.done[-1]
        said = f"{last['step']}: {last['error']}"
        return Reading(Check.State.DOWN, said, self.detail | dict(detail), self.took)
