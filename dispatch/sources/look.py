"""Which files lie in a folder; none of them is opened."""

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator
from fnmatch import translate
from typing import NamedTuple

from dispatch.sources.notes import Notes
from dispatch.sources.source import Beat
from pulsar_ml.formats.bestprof import SUFFIX

# Written by others who will give it another name when it is whole.
_UNFINISHED = (".part", ".tmp")
_ENTRIES_A_BEAT = 1_000
# What the column of a sighting holds.
_LATEST = 2**63 - 1


class Found(NamedTuple):
    """A file: its name below the folder, and how it looks from outside."""

    name: str
    path: str
    size: int
    changed_ns: int
    # What its path is remembered by.
    key: str


class Look(NamedTuple):
    """All files that are wanted by name, and the names of all others beside them."""

    files: dict[str, Found]
    others: set[str]
    # Whether every folder could be looked into.
    is_complete: bool


def look(
    root: str,
    is_wanted: Callable[[str], bool],
    notes: Notes,
    beat: Beat,
    *,
    recursive: bool,
) -> Look:
    """Look through a folder; an OSError only if that itself cannot be opened."""
    found = Look({}, set(), is_complete=True)
    waiting = [("", os.scandir(root))]
    while waiting:
        below, entries = waiting.pop()
        with entries:
            folders = list(
                _sort(below, _beating(entries, beat), found, is_wanted, notes)
            )
        for name in folders if recursive else []:
            try:
                waiting.append((f"{name}/", os.scandir(f"{root}/{name}")))
            except OSError as error:
                notes.add(f"Cannot be opened ({error.strerror})", name)
                found = found._replace(is_complete=False)
    return found


def matcher(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    """Whether a name below the folder fits one; their case makes no difference.

    A pattern without a slash is about the file's own name.
    """
    of_paths = _any([pattern for pattern in patterns if "/" in pattern])
    of_names = _any([pattern for pattern in patterns if "/" not in pattern])

    def fits(name: str) -> bool:
        own = name.rpartition("/")[2]
        return bool(of_names.fullmatch(own) or of_paths.fullmatch(name))

    # What lies beside a PFD goes with it.
    return lambda name: (
        fits(name)
        or (name.lower().endswith(f".pfd{SUFFIX}") and fits(name[: -len(SUFFIX)]))
    )


def looks(status: os.stat_result) -> tuple[int, int]:
    """Size and last change; the system sets the one of the two times that we trust.

    Whoever copies a file may give it any age, but not its status.
    """
    changed = max(status.st_mtime_ns, status.st_ctime_ns, 0)
    return status.st_size, min(changed, _LATEST)


def _any(patterns: list[str]) -> re.Pattern[str]:
    # Nothing fits an empty class.
    joined = "|".join(map(translate, patterns)) or r"[^\s\S]"
    return re.compile(joined, re.IGNORECASE)


def _beating(
    entries: Iterator[os.DirEntry[str]], beat: Beat
) -> Iterator[os.DirEntry[str]]:
    for number, entry in enumerate(entries):
        if number % _ENTRIES_A_BEAT == 0:
            beat()
        yield entry


def _sort(
    below: str,
    entries: Iterator[os.DirEntry[str]],
    found: Look,
    is_wanted: Callable[[str], bool],
    notes: Notes,
) -> Iterator[str]:
    """Put the files of one folder where they belong, and give the folders in it."""
    for entry in entries:
        name = f"{below}{entry.name}"
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield name
        elif not is_wanted(name) or entry.name.lower().endswith(_UNFINISHED):
            found.others.add(name)
        elif file := _file(entry, name, notes):
            found.files[name] = file


def _file(entry: os.DirEntry[str], name: str, notes: Notes) -> Found | None:
    if entry.is_symlink():
        # It might lead anywhere, and to another place at every look.
        notes.add("Links are not followed", name)
        return None
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return None  # gone in this moment
    if not stat.S_ISREG(status.st_mode):
        notes.add("Not a file that could be read to its end", name)
        return None
    key = hashlib.sha256(os.fsencode(entry.path)).hexdigest()
    return Found(name, entry.path, *looks(status), key)
