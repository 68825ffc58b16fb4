"""The crontab, in bytes: read whole, replaced whole, and by one at a time.

Nothing else calls the crontab program.
"""

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

from monitor.crontab.errors import CrontabError, LostRace

PATIENCE = 20  # seconds the crontab program has


class Table(Protocol):
    """A crontab, wherever it is kept."""

    def read(self) -> bytes: ...

    def write(self, wanted: bytes) -> None: ...


class File(NamedTuple):
    """The table of the embedded clock, a file of ours."""

    path: Path

    def read(self) -> bytes:
        """The whole table; nothing yet is an empty one."""
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return b""

    def write(self, wanted: bytes) -> None:
        """Replace the table whole, or not at all."""
        draft = self.path.with_name(f"{self.path.name}.part")
        try:
            with os.fdopen(_opened(draft), "wb") as file:
                file.write(wanted)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise CrontabError(
                f"{self.path} cannot be written: {error.strerror}."
            ) from error


def _opened(draft: Path) -> int:
    """A new file that nobody else may read."""
    return os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode=0o600)


class Program(NamedTuple):
    """The table of the user in the host's cron, behind its `crontab` program."""

    path: str

    @classmethod
    def found(cls) -> "Program":
        """The one of this machine."""
        path = shutil.which("crontab")
        if path is None:
            raise CrontabError(
                "This machine has no crontab program, so no cron: apt-get install cron."
            )
        return cls(path)

    def read(self) -> bytes:
        """The whole table; a user who has none has an empty one."""
        code, said, complaint = self._run("-l")
        if code == 0 and re.search(rb"\\[rb]", said):
            # So Debian's shows a carriage return and a backspace. An editor is given
            # the very bytes, and cat is one that changes nothing.
            code, said, complaint = self._run("-e")
        elif code and "no crontab for" in complaint:
            return b""
        if code:
            raise CrontabError(f"The crontab cannot be read: {complaint}")
        return said

    def write(self, wanted: bytes) -> None:
        """Have the program replace the table; one that it refuses stays as it was."""
        try:
            with tempfile.TemporaryDirectory() as folder:
                draft = File(Path(folder, "crontab"))
                draft.write(wanted)
                code, _, complaint = self._run(str(draft.path))
        except OSError as error:
            code, complaint = 1, f"no room for a draft ({error.strerror})"
        if code:
            raise CrontabError(f"The crontab was not changed: {complaint}")

    def _run(self, word: str) -> tuple[int, bytes, str]:
        try:
            done = subprocess.run(  # noqa: S603  # the system's own, one word of ours
                [self.path, word],
                env=os.environ | {"LC_ALL": "C", "VISUAL": "cat"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=PATIENCE,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CrontabError(f"The crontab program failed: {error}") from error
        complaint = " ".join(done.stderr.decode(errors="replace").split())
        return done.returncode, done.stdout, complaint or f"exit {done.returncode}"


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Wait until no other process of this site changes the table."""
    path = root / "crontab.lock"
    try:
        lock = path.open("w")
    except OSError as error:
        raise CrontabError(f"{path} cannot be written: {error.strerror}.") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def install(table: Table, wanted: bytes, was: bytes) -> None:
    """Replace the table if it is still what the change was made from; look again."""
    # A crontab cannot be locked: between this look and the write is a moment that
    # nobody can close. What is seen afterwards tells whether somebody used it.
    if table.read() != was:
        raise LostRace(
            "Somebody else changed the crontab in this very moment: nothing of ours "
            "was written. Look at it and try again."
        )
    table.write(wanted)
    found = table.read()
    if found == wanted:
        return
    if found == was:
        raise CrontabError("The crontab program took our change and did not keep it.")
    raise LostRace(
        "Somebody else changed the crontab right after us: it is left as they made it. "
        "Look at it and try again."
    )
