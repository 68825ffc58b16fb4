"""The processes that the clock has started."""

import logging
import os
import signal
import subprocess
import tempfile
import time
from functools import partial
from typing import IO, NamedTuple

from monitor.clock.due import Line
from monitor.processes.supervise import die_with

logger = logging.getLogger(__name__)

LONGEST_OUTPUT = 4000  # characters of what a command said
PATIENCE = 5  # seconds to end after being asked to


class Child(NamedTuple):
    """One running line."""

    process: subprocess.Popen[bytes]
    output: IO[bytes]
    begun: float


class Children:
    """At most one process for each line: none overlaps with itself."""

    def __init__(self) -> None:
        self._running: dict[Line, Child] = {}

    def start(self, line: Line) -> None:
        """Start a line the way cron does, unless it is still at its last run."""
        if line in self._running:
            logger.warning("Still running, not started again: %s", line.command)
            return
        # A file and not a pipe: what is said last is not lost when the clock dies,
        # and nobody is stopped by a full pipe.
        output = tempfile.TemporaryFile()  # noqa: SIM115  # closed when the child ends
        process = subprocess.Popen(  # noqa: S602  # lines of a crontab are for a shell
            line.command,
            shell=True,
            stdin=subprocess.DEVNULL,
            stdout=output,
            start_new_session=True,
            preexec_fn=partial(die_with, os.getpid()),
        )
        self._running[line] = Child(process, output, time.monotonic())

    def reap(self) -> None:
        """Log how those that have ended did."""
        for line, child in list(self._running.items()):
            if child.process.poll() is not None:
                del self._running[line]
                _log(line, child)

    def stop(self) -> None:
        """Ask all to end, and insist."""
        for child in self._running.values():
            _signal(child, signal.SIGTERM)
        end = time.monotonic() + PATIENCE
        for child in self._running.values():
            try:
                child.process.wait(max(0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal(child, signal.SIGKILL)
                child.process.wait()
        self.reap()


def _signal(child: Child, number: signal.Signals) -> None:
    try:
        os.killpg(child.process.pid, number)
    except ProcessLookupError:
        pass  # it has ended by itself


def _log(line: Line, child: Child) -> None:
    with child.output as file:
        file.seek(0)
        said = file.read(LONGEST_OUTPUT).decode(errors="replace").strip()
    code = child.process.returncode
    level = logging.ERROR if code else logging.INFO if said else logging.DEBUG
    logger.log(
        level,
        "A line of the crontab ended with %s",
        code,
        extra={
            "command": line.command,
            "seconds": round(time.monotonic() - child.begun, 3),
            "output": said,
        },
    )
