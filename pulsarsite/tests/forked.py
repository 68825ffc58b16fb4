"""Children of pulsar_ml.databases, without the half second that Python needs to start.

They are processes all the same, with pipes of their own; only what they import is there
already. Of their parent they inherit what a benchmark has put in place of something.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace, TracebackType
from typing import IO, Any

# With all that they would import one by one.
from pulsar_ml.databases import __main__, ask, make, read, write  # noqa: F401


class Forked:
    """Stands in for `subprocess.Popen`."""

    def __init__(self, command: Sequence[str], **_: Any) -> None:
        ours, theirs = zip(*(self._pipe(number) for number in range(3)), strict=True)
        self.returncode: int | None = None
        self.pid = os.fork()
        if not self.pid:
            _be_child(command[-1], ours, theirs)
        for end in theirs:
            os.close(end)
        self.stdin: IO[bytes] = os.fdopen(ours[0], "wb")
        self.stdout: IO[bytes] = os.fdopen(ours[1], "rb", buffering=0)
        self.stderr: IO[bytes] = os.fdopen(ours[2], "rb", buffering=0)

    @staticmethod
    def _pipe(number: int) -> tuple[int, int]:
        """Our end of it, and the child's."""
        out, into = os.pipe()
        return (into, out) if number == 0 else (out, into)

    def __enter__(self) -> "Forked":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for stream in (self.stdout, self.stderr, self.stdin):
            try:
                stream.close()
            except BrokenPipeError:
                continue
        self.wait()

    def wait(self) -> int:
        if self.returncode is None:
            _, status = os.waitpid(self.pid, 0)
            self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


def _be_child(parent: str, ours: Sequence[int], theirs: Sequence[int]) -> None:
    code = 70
    try:
        os.setsid()
        for end in ours:
            os.close(end)
        for number, end in enumerate(theirs):
            os.dup2(end, number)
            os.close(end)
        sys.stdin = os.fdopen(0, "r", encoding="utf-8")
        sys.stderr = os.fdopen(2, "w", encoding="utf-8")
        sys.argv = ["databases", parent]
        code = __main__.main()
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        os._exit(code)


@contextmanager
def children() -> Iterator[None]:
    """Have the children of databases forked, meanwhile."""
    ask.subprocess = SimpleNamespace(Popen=Forked, PIPE=subprocess.PIPE)
    try:
        yield
    finally:
        ask.subprocess = subprocess
