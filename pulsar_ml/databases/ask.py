"""Have a process of its own do something with a database, and listen to it."""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, cast

from pulsar_ml.errors import DatabaseFault

_ROOT = Path(__file__).resolve().parents[2]
_BEAT_SECONDS = 1.0
_CHUNK = 64 * 1024
# So many lines of what it says for programmers are kept.
_WORDS = 40

Beat = Callable[[], None]
Answer = dict[str, Any]


def nothing() -> None:
    """Give no sign of life to anybody."""


def ask(
    order: Mapping[str, Any], *, beat: Beat = nothing, silence: float
) -> Iterator[Answer]:
    """Have an order done, and give its answers as they come.

    Parameters
    ----------
    order : mapping
        What `pulsar_ml.databases.__main__` understands.
    beat : callable
        Called about once a second while there is no answer; what it raises ends the
        process.
    silence : float
        After so many seconds without a word the process is ended.

    Yields
    ------
    dict
        The answers.

    Raises
    ------
    DatabaseFault
        The database refuses or fails, does not answer in time, or takes its driver
        and with it the process down.
    """
    with _started(order, beat, silence) as child:
        while (answer := child.answer()) is not None:
            yield answer
        child.ended()


@contextmanager
def writer(
    order: Mapping[str, Any], *, beat: Beat = nothing, silence: float
) -> Iterator[Callable[[Mapping[str, Any]], Answer]]:
    """Keep a process that writes into a table, a part at a time.

    Parameters
    ----------
    order : mapping
        Of the verb ``write``.
    beat : callable
        As for `ask`.
    silence : float
        As for `ask`.

    Yields
    ------
    callable
        Takes a part and gives the answer to it; raises `DatabaseFault` as `ask` does.
    """
    with _started(order, beat, silence) as child:

        def write(part: Mapping[str, Any]) -> Answer:
            child.say(part)
            answer = child.answer()
            if answer is None:
                child.ended()
                raise DatabaseFault(f"{child.name} left a part out.", passing=True)
            return answer

        yield write
        child.leave()


@contextmanager
def _started(
    order: Mapping[str, Any], beat: Beat, silence: float
) -> Iterator["_Child"]:
    process = subprocess.Popen(  # noqa: S603  # a module of ours
        [sys.executable, "-m", "pulsar_ml.databases", str(os.getpid())],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    with process, selectors.DefaultSelector() as selector:
        try:
            child = _Child(process, selector, order["target"]["name"], beat, silence)
            child.say(order)
            yield child
        finally:
            # Nothing of the group is left behind.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


class _Child:
    """The process, seen from its parent."""

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        selector: selectors.BaseSelector,
        name: str,
        beat: Beat,
        silence: float,
    ) -> None:
        self.name = name
        self._process = process
        self._beat = beat
        self._silence = silence
        self._doing = "starting"
        self._lines: deque[bytes] = deque()
        self._words: deque[bytes] = deque(maxlen=_WORDS)
        self._selector = selector
        for stream, lines in (
            (process.stdout, self._lines),
            (process.stderr, self._words),
        ):
            pipe = _Pipe(cast("IO[bytes]", stream).fileno(), lines)
            selector.register(pipe.number, selectors.EVENT_READ, pipe)

    def say(self, line: Mapping[str, Any]) -> None:
        stream = cast("IO[bytes]", self._process.stdin)
        # It is no more: what it said last, and how it ended, is told by `ended`.
        with suppress(BrokenPipeError):
            stream.write(json.dumps(line).encode() + b"\n")
            stream.flush()

    def answer(self) -> Answer | None:
        """Wait for the next answer; None when there is none to come."""
        last = beaten = time.monotonic()
        while True:
            while self._lines:
                answer: Answer = json.loads(self._lines.popleft())
                last = time.monotonic()
                if "failed" in answer:
                    raise DatabaseFault(answer["failed"], passing=answer["passing"])
                if "doing" not in answer:
                    return answer
                self._doing = answer["doing"]
            if not self._listen():
                return None
            now = time.monotonic()
            if now - beaten >= _BEAT_SECONDS:
                self._beat()
                beaten = now
            if not self._lines and now - last > self._silence:
                raise DatabaseFault(
                    f"{self.name} did not answer within {self._silence:g} s, at: "
                    f"{self._doing}.",
                    passing=True,
                )

    def _listen(self) -> bool:
        """Hear what comes within a moment; False when nothing more can come."""
        if not self._selector.get_map():
            return False
        for key, _ in self._selector.select(min(_BEAT_SECONDS, self._silence) / 2):
            if not key.data.read():
                self._selector.unregister(key.fd)
        return True

    def leave(self) -> None:
        """Say that nothing more is wanted."""
        with suppress(BrokenPipeError):
            cast("IO[bytes]", self._process.stdin).close()
        while self.answer() is not None:
            pass
        self.ended()

    def ended(self) -> None:
        """Make sure that it has ended in order."""
        code = self._process.wait()
        if code == 0:
            return
        how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
        fault = DatabaseFault(
            f"The process that asked {self.name} ended {how}, at: {self._doing}.",
            passing=True,
        )
        fault.add_note(b"\n".join(self._words).decode(errors="replace"))
        raise fault


class _Pipe:
    """One of its outputs, read by lines."""

    def __init__(self, number: int, lines: "deque[bytes]") -> None:
        self.number = number
        self.lines = lines
        self.rest = b""

    def read(self) -> bool:
        """Take the lines that are whole; False at the end."""
        chunk = os.read(self.number, _CHUNK)
        # What was cut off by its end says nothing.
        *lines, self.rest = (self.rest + chunk).split(b"\n")
        self.lines.extend(lines)
        return bool(chunk)
