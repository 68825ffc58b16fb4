"""The file of NAME=value lines for what starts without an environment, as cron does."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

_LINE = re.compile(r"(?:export\s+)?([A-Z][A-Z0-9_]*)=(.*)")


def read(path: Path) -> dict[str, str]:
    """The secrets by name; ValueError says what is wrong and shows none of them."""
    try:
        # Asked of the opened file: another cannot take its place meanwhile.
        with path.open(encoding="utf-8") as file:
            _refuse_readable_to_others(path, os.fstat(file.fileno()))
            return dict(_pairs(path, file.read()))
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise ValueError(f"{path} is no text in UTF-8") from None


def _refuse_readable_to_others(path: Path, found: os.stat_result) -> None:
    if found.st_uid != os.geteuid():
        raise ValueError(f"{path} belongs to another user, who could change it")
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise ValueError(f"others may read {path}: chmod 600 {path}")


def _pairs(path: Path, text: str) -> Iterator[tuple[str, str]]:
    names = set()
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            raise ValueError(f"{path}, line {number}, must look like NAME=value")
        if found[1] in names:
            raise ValueError(f"{path}, line {number}: {found[1]} stands twice")
        names.add(found[1])
        yield found[1], _bare(found[2])


def _bare(value: str) -> str:
    quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value
