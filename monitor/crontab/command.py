"""Our commands, as a line of a crontab starts them."""

import os
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from monitor.crontab.errors import Unfit

# Debian's cron takes no longer command (MAX_COMMAND), and refuses the whole table.
LONGEST_COMMAND = 998
_CRON = re.compile(r"@[a-z]+|[\w*/,-]+( [\w*/,-]+){4}", re.ASCII)


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
    return fitting(line, cron, f"the job {slug}")


def fitting(line: str, cron: str, whose: str) -> str:
    """The line, or Unfit where its command is longer than cron takes."""
    length = len(os.fsencode(line)) - len(cron) - 1
    if length > LONGEST_COMMAND:
        raise Unfit(
            f"The line of {whose} would hold a command of {length} bytes, and cron "
            f"takes {LONGEST_COMMAND}: shorten the paths of the site or its name."
        )
    return line


def quoted(word: str | Path) -> str:
    """A word as shell, cron and python-crontab take it.

    A bare % is a new line to cron, and a # after a space a remark to python-crontab.
    """
    return shlex.quote(str(word)).replace("#", "'\"#\"'").replace("%", r"\%")
