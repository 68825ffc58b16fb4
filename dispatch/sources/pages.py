"""Take in the rows of a table that are new: as pages, which are files of the run."""

import errno
import hashlib
import logging
import tempfile
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.db import transaction

from dispatch.errors import NothingUsable
from dispatch.models import Position, Run
from dispatch.positions import keep
from dispatch.sources import listed
from dispatch.sources.notes import printable
from dispatch.sources.source import Beat
from monitor import claims, crash, room
from pulsar_ml.loader import CHUNK_ROWS
from pulsar_ml.place import sync
from registry.connections import ask
from showroom import parts, receive
from showroom.receive import Stored
from showroom.storage import quota

if TYPE_CHECKING:
    from dispatch.sources.table import Table

logger = logging.getLogger(__name__)

# What a row takes on the disk at most by a rough measure, with its scores; a kept
# column may be text.
_ROW_BYTES = 256
_KEPT_BYTES = 64
_LONGEST_KEY = 60


class Page(NamedTuple):
    """Rows of a table in a file, and what the file is called."""

    path: Path
    name: str


@dataclass
class _Read:
    """What the child has told."""

    pages: list[Page] = field(default_factory=list)
    n_rows: int = 0
    # Where the next run goes on; nothing where there was no row.
    at: dict[str, Any] = field(default_factory=dict)
    seen: Path | None = None
    more: bool = False
    notes: list[str] = field(default_factory=list)


def collect(table: "Table", run: Run, beat: Beat) -> bool:
    """Whether there is anything; a run that has its batch keeps to it."""
    if run.batch_id:
        return True
    was = keep.find(run.schedule, table.sha256)
    with tempfile.TemporaryDirectory(
        dir=parts.temporary(), prefix="collect-"
    ) as folder:
        read = _read(table, was, Path(folder), beat)
        crash.at("collect.read")
        files = [_kept(page, beat) for page in read.pages]
        if files:
            _admit(sum(file.size for file in files))
            sync(receive.folder())
        crash.at("collect.copied")
        _list(table, run, was, read, files)
        crash.at("collect.listed")
        for file in files:
            receive.look_again(file)
    for note in read.notes:
        logger.info("%s", note)
    return bool(files)


def order(
    table: "Table",
    after: dict[str, Any] | None,
    seen: Path | None,
    into: Path,
    *,
    most: int,
) -> dict[str, Any]:
    """What the child is to do."""
    return {
        "verb": "read",
        "reading": table.reading(),
        "after": after or None,
        "seen": str(seen) if seen else None,
        "into": str(into),
        "most": most,
        "page_rows": min(most, CHUNK_ROWS),
    }


def gathered(
    table: "Table", answers: Iterable[dict[str, Any]], look: Callable[[], None]
) -> _Read:
    """What the answers say; `look` is called at each page."""
    read = _Read()
    for answer in answers:
        if "page" in answer:
            look()
            read.pages.append(Page(Path(answer["page"]), _name(table, answer)))
            read.n_rows += answer["rows"]
        else:
            _finish(table, read, answer["done"])
    return read


def _read(table: "Table", was: Position | None, into: Path, beat: Beat) -> _Read:
    is_all = table.every == "all"
    most: int = settings.PULSAR.dispatch.max_rows
    if not is_all:
        # What there is no room for is for another run, though one page at least.
        each = 2 * (_ROW_BYTES + _KEPT_BYTES * len(table.keep))
        most = min(most, max(CHUNK_ROWS, room.spare() // each))
    after = None if is_all else was
    at = after.at if after else None
    wanted = order(table, at, keep.seen(after), into, most=most)
    # Closed at once where a page is not admitted: who reads on writes into its folder.
    with closing(ask.ask(table.connection, wanted, beat=beat)) as answers:
        read = gathered(table, answers, _admit)
    if is_all and read.more:
        raise NothingUsable(
            f"There are more than {most:,} rows, and this schedule reads all of them "
            "each time. Have it read new rows only, or raise dispatch.max_rows in "
            "config.yaml."
        )
    return read


def _admit(n_bytes: int = 0) -> None:
    """Refuse more than the site keeps, or has room for."""
    room.check()
    if reason := quota.why_not(n_bytes):
        raise OSError(errno.EDQUOT, reason)


def _finish(table: "Table", read: _Read, done: dict[str, Any]) -> None:
    read.at = done["position"] or {}
    read.seen = Path(done["seen"]) if done["seen"] else None
    read.more = done["more"]
    if n := done["n_without_mark"]:
        which = f"{table.mark} or {table.key}" if table.mark else table.key
        rows = "1 row has" if n == 1 else f"{n:,} rows have"
        read.notes.append(f"{rows} no {which} and cannot be read.")
    if read.more:
        read.notes.append(
            f"There are more rows than the {read.n_rows:,} of this run; the next one "
            "takes them."
        )
    read.notes += done["notes"]


def _name(table: "Table", page: dict[str, Any]) -> str:
    """What people see of a page: which rows it has."""
    what = printable(table.table or "SELECT")[:100]
    first, last = (_key(page[end]) for end in ("first", "last"))
    return f"{what}, keys {first} to {last}" if first != last else f"{what}, key {last}"


def _key(text: str) -> str:
    """Whole numbers in groups, other keys as they are; a long one is cut."""
    if text.removeprefix("-").isdecimal() and text.isascii() and len(text) < 20:
        return f"{int(text):,}"
    shown = printable(text)
    return shown if len(shown) <= _LONGEST_KEY else f"{shown[:_LONGEST_KEY]}…"


def _kept(page: Page, beat: Beat) -> Stored:
    beat()
    with page.path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    stored = Stored(page.name, sha256, page.path.stat().st_size, page.path)
    receive.keep(stored)
    return stored


def _list(
    table: "Table", run: Run, was: Position | None, read: _Read, files: list[Stored]
) -> None:
    """Name the pages and move the position at once; without it nothing was read."""
    counts = {
        "n_files": len(files),
        "n_bytes": sum(file.size for file in files),
        "notes": read.notes,
    }
    seen = keep.place(read.seen) if files and read.seen else ""
    try:
        with transaction.atomic():
            batch = listed.batch(files, run) if files else None
            # Who has lost the run leaves no trace.
            claims.keep(run, batch=batch, **counts)
            if files:
                keep.move(
                    was, run.schedule, table.sha256, at=read.at, seen=seen, run=run
                )
    finally:
        # Of two files the row names one: the other was before, or never came to be.
        keep.tidy(seen, *_before(was))
    run.refresh_from_db(fields=["batch", *counts])


def _before(was: Position | None) -> tuple[str, ...]:
    return (was.seen, was.before.get("seen", "")) if was else ()
