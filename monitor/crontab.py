"""The crontab, in bytes: read whole, replaced whole, and by one at a time.

Nothing else calls the crontab program. Started as a program itself, this module is what
django-crontab takes for `crontab`: a draft of its own line, never the real table. No
Django in here: it starts twice at each `crontab add`.
"""

import fcntl
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

from monitor.errors import CrontabError, LostRace, Unfit

PATIENCE = 20  # seconds the crontab program has
# Debian's cron takes no longer command (MAX_COMMAND), and refuses the whole table.
LONGEST_COMMAND = 998
_CRON = re.compile(r"@[a-z]+|[\w*/,-]+( [\w*/,-]+){4}", re.ASCII)


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
    with (root / "crontab.lock").open("w") as lock:
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


def command(base: Path, config: Path, argv: Sequence[str]) -> str:
    """One of our commands as cron's line has it: absolute, so in no folder."""
    return " ".join([program(base), quoted(config), *map(quoted, argv)])


def program(base: Path) -> str:
    """What each of our commands begins with; the site's file comes next."""
    return f"{quoted(interpreter())} {quoted(base / 'manage.py')} --config"


def interpreter() -> Path:
    """Python by one name, whatever this process was started by."""
    # bin/serve starts `python`, the first line of gunicorn says `python3`.
    plain = Path(sys.prefix, "bin", "python")
    return plain if plain.exists() else Path(sys.executable)


def job_line(slug: str, cron: str, started: str) -> str:
    """The line of a job, or Unfit."""
    line = f"{cron} {started} # job {slug}"
    if not _CRON.fullmatch(cron):
        raise Unfit(f"The job {slug} has no time that a crontab takes: {cron!r}.")
    if not line.isprintable():
        raise Unfit(f"The job {slug} has a path or word that fits into no one line.")
    length = len(os.fsencode(line)) - len(cron) - 1
    if length > LONGEST_COMMAND:
        raise Unfit(
            f"The line of the job {slug} would hold a command of {length} bytes, and "
            f"cron takes {LONGEST_COMMAND}: shorten the paths of the site or its name."
        )
    return line


def quoted(word: str | Path) -> str:
    """A word as shell, cron and python-crontab take it.

    A bare % is a new line to cron, and a # after a space a remark to python-crontab.
    """
    return shlex.quote(str(word)).replace("#", "'\"#\"'").replace("%", r"\%")


def shim(base: Path, draft: Path, config: Path) -> str:
    """The value of CRONTAB_EXECUTABLE: this very module as a program."""
    words = [sys.executable, "-P", "-m", "monitor.crontab", str(draft), str(config)]
    return f"PYTHONPATH={shlex.quote(str(base))} {shlex.join(words)}"


def main(argv: Sequence[str]) -> None:
    """Understand what django-crontab says to a crontab: `-l`, or a file to install."""
    draft, config, wanted = argv
    if wanted == "-l":
        sys.stdout.buffer.write(File(Path(draft)).read())
        return
    # It wants to see that file, and so cannot quote its name itself.
    bare, safe = (f" {word} crontab run ".encode() for word in (config, quoted(config)))
    File(Path(draft)).write(Path(wanted).read_bytes().replace(bare, safe))


if __name__ == "__main__":
    main(sys.argv[1:])
