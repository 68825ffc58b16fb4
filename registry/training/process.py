"""A step at work: a process of its own, listened to, and ended in time."""

import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from pathlib import Path

from django.conf import settings

from monitor.crontab.command import interpreter
from monitor.processes.supervise import die_with
from registry.errors import StepTimedOut

# How often a process that says nothing is looked at.
_LOOK_SECONDS = 0.25
# What says no more than this in one line is read by lines.
_LONGEST = 64 * 1024
# What Python and its libraries go by. The passwords of the site are no business of a
# step, which reads files that came from anywhere.
_PASSED_ON = re.compile(
    r"PATH|HOME|TZ|TMPDIR|LANG|LD_LIBRARY_PATH|(LC|PYTHON|OMP|OPENBLAS|MKL|COV)\w*"
)

Hear = Callable[[str], None]


class Process:
    """A step that was started: its standard output are facts, its errors words."""

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        selector: selectors.BaseSelector,
        facts: Hear,
        words: Hear,
    ) -> None:
        self._process = process
        self._selector = selector
        for stream, hear in ((process.stdout, facts), (process.stderr, words)):
            if stream:
                pipe = _Pipe(stream.fileno(), hear)
                self._selector.register(stream, selectors.EVENT_READ, pipe)

    def wait(self, look: Callable[[], None], seconds: float) -> int:
        """Its exit code; what `look` raises ends it, and so does its time."""
        end = time.monotonic() + seconds
        while (code := self._process.poll()) is None:
            look()
            if time.monotonic() > end:
                raise StepTimedOut(f"It took longer than {seconds / 60:g} minutes.")
            self._listen(_LOOK_SECONDS)
        # What it said last.
        while self._listen(0):
            pass
        return code

    def _listen(self, within: float) -> bool:
        if not self._selector.get_map():
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(within)
            return False
        heard = self._selector.select(within)
        for key, _ in heard:
            if not key.data.read():
                self._selector.unregister(key.fileobj)
        return bool(heard)


class _Pipe:
    """One of its two outputs, read by lines."""

    def __init__(self, number: int, hear: Hear) -> None:
        self.number = number
        self.hear = hear
        self.rest = b""

    def read(self) -> bool:
        """Pass on the lines that are whole; False at the end."""
        chunk = os.read(self.number, _LONGEST)
        *lines, self.rest = (self.rest + chunk).split(b"\n")
        if not chunk or len(self.rest) > _LONGEST:
            lines, self.rest = [*lines, self.rest], b""
        for line in lines:
            if text := line.decode(errors="replace").rstrip():
                self.hear(text)
        return bool(chunk)


def started(
    step: str, folder: Path, facts: Hear, words: Hear
) -> AbstractContextManager[Process]:
    """Start a step; whatever ends the body ends all its processes."""
    environ = {k: v for k, v in os.environ.items() if _PASSED_ON.fullmatch(k)}
    wanted = ["pulsar_ml.training", step, str(folder)]
    return running(wanted, facts, words, environ=environ)


@contextmanager
def running(
    wanted: list[str], facts: Hear, words: Hear, *, environ: dict[str, str]
) -> Iterator[Process]:
    """Start a module of ours; whatever ends the body ends all its processes."""
    process = subprocess.Popen(  # noqa: S603  # a module of ours
        [str(interpreter()), "-m", *wanted],
        cwd=settings.BASE_DIR,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A group of its own: Ctrl-C reaches us alone, and we end it in order.
        start_new_session=True,
        preexec_fn=partial(die_with, os.getpid()),
    )
    with process, selectors.DefaultSelector() as selector:
        try:
            yield Process(process, selector, facts, words)
        finally:
            # Nothing of the group is left behind.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
