"""Our lines of the crontab: the file `storage.root/crontab`, read and replaced whole.

Started as a program it is what django-crontab takes for `crontab`: it shows and
replaces our part alone. No Django in here: it starts twice at each `crontab add`.
"""

import os
import re
import shlex
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

_JOB = re.compile(r"# job (\S+)$")


def read(file: Path) -> str:
    """The text of our block; nothing yet is no text."""
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def install(file: Path, text: str) -> None:
    """Replace the block whole, or not at all."""
    # A line that stands twice would run its job twice. (django-crontab does not
    # find its own line again where a path in it holds a #, and adds a second.)
    lines = dict.fromkeys(text.splitlines())
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=file.parent, delete=False
    ) as draft:
        draft.write("".join(f"{line}\n" for line in lines))
        draft.flush()
        os.fsync(draft.fileno())
    Path(draft.name).replace(file)


def with_jobs(text: str, wanted: Mapping[str, str]) -> str:
    """The text in which each job has its line as wanted, and no other job has one.

    A job that was switched off by hand, its line made a comment, stays off.
    """
    missing = dict(wanted)
    kept = []
    for line in text.splitlines():
        found = _JOB.search(line)
        slug = found[1] if found else ""
        if found and slug in missing:
            job = missing.pop(slug)
            kept.append(line if line.startswith("#") else job)
        elif not found:
            kept.append(line)
    return "".join(f"{line}\n" for line in [*kept, *missing.values()])


def prefix(base: Path, config: Path) -> str:
    """What each of our commands begins with: where, and which site."""
    return f"cd {quoted(base)} && CONFIG_FILE={quoted(config)}"


def job_line(
    slug: str, cron: str, base: Path, config: Path, argv: Sequence[str]
) -> str:
    """The line of a declared job: one of our manage.py commands."""
    command = " ".join(map(quoted, [sys.executable, "manage.py", *argv]))
    return f"{cron} {prefix(base, config)} {command} # job {slug}"


def quoted(word: str | Path) -> str:
    """A word as shell, cron and python-crontab take it.

    A bare % is a new line to cron, and a # after a space a remark to python-crontab.
    """
    return shlex.quote(str(word)).replace("#", "'\"#\"'").replace("%", r"\%")


def shim(base: Path, file: Path) -> str:
    """The value of CRONTAB_EXECUTABLE: this very module as a program."""
    program = shlex.join([sys.executable, "-P", "-m", "monitor.crontab", str(file)])
    return f"PYTHONPATH={shlex.quote(str(base))} {program}"


def main(argv: Sequence[str]) -> None:
    """Understand what django-crontab says to a crontab: `-l`, or a file to install."""
    file, wanted = argv
    if wanted == "-l":
        sys.stdout.write(read(Path(file)))
    else:
        install(Path(file), Path(wanted).read_text(encoding="utf-8"))


if __name__ == "__main__":
    main(sys.argv[1:])
