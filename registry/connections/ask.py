"""Ask a connection something: in a child process, under a deadline."""

import time
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from pulsar_ml.databases import ask as child
from pulsar_ml.errors import DatabaseFault
from registry.connections.configured import find

# What looks, or writes, does so as config.yaml lets it; all else may only read.
_AS_CONFIGURED = ("look", "check", "make", "write")


def ask(
    name: str, order: Mapping[str, Any], *, beat: Callable[[], None] = child.nothing
) -> Generator[dict[str, Any], None, None]:
    """The answers of a connection, one by one; a `DatabaseFault` in words.

    `beat` is called at least once a second; what it raises ends the child, as does
    whoever closes this.
    """
    connection = find(name)
    target = connection.target(read_only=order["verb"] not in _AS_CONFIGURED)
    whole = {**order, "target": target}
    yield from child.ask(whole, beat=beat, silence=connection.silence)


def writer(
    name: str, order: Mapping[str, Any], *, beat: Callable[[], None] = child.nothing
) -> AbstractContextManager[Callable[[dict[str, Any]], dict[str, Any]]]:
    """What writes a table part by part, each in a transaction of its own."""
    connection = find(name)
    if connection.read_only:
        raise DatabaseFault(
            f"The connection {name} is read-only; set read_only: false in config.yaml "
            "if a table may be written there.",
            passing=False,
        )
    whole = {**order, "verb": "write", "target": connection.target(read_only=False)}
    return child.writer(whole, beat=beat, silence=connection.silence)


def within(seconds: float) -> Callable[[], None]:
    """A beat for a page: whoever waits there is told after so many seconds."""
    end = time.monotonic() + seconds

    def beat() -> None:
        if time.monotonic() > end:
            raise DatabaseFault(
                f"It did not come to its end within {seconds:g} s, so it was stopped.",
                passing=True,
            )

    return beat
