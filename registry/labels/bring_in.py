"""Bring labels in from a file: the work of a build of that kind."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import IntegrityError

from accounts.models import User
from monitor import crash
from pulsar_ml.loader import Chunk, read
from registry.datasets import ask, rejects
from registry.datasets.beat import BuildBeat
from registry.errors import CannotBuild
from registry.labels.ask import FILE
from registry.labels.keep import AT_ONCE, Kept, keep
from registry.labels.land import clear
from registry.labels.rows import Row, Rows
from registry.models import Build


def bring_in(build: Build, beat: BuildBeat) -> dict[str, Any]:
    """Store what each row says; what the build's row says at its end.

    Nothing of it holds before it lands; begun anew, it begins with nothing.
    """
    person = _person(build)
    clear(build)
    kept, rows = Kept(0, 0, 0), Rows(build.order["files"][FILE]["name"])
    notes: list[str] = []
    with rejects.writing(build) as refuse:
        for chunk in _chunks(build, beat):
            notes += chunk.notes
            for block in _blocks(rows.of(chunk)):
                kept = kept.plus(_keep(build, block))
                crash.at("labels.kept")
                beat()
            refuse(rows.taken())
    if not rows.n:
        raise CannotBuild(_nothing(build))
    return {
        "n_rows": rows.n + rows.again + refuse.n,
        "n_rejected": refuse.n,
        "notes": [*_came(build, kept, rows.again, person), *notes],
    }


def _person(build: Build) -> User:
    person = User.objects.filter(pk=build.order["person"]).first()
    if person is None:
        raise CannotBuild("The person whose labels these are is no longer here.")
    return person


def _keep(build: Build, rows: Sequence[Row]) -> Kept:
    try:
        return keep(build, rows)
    except IntegrityError:
        _person(build)  # may have been erased meanwhile
        raise


def _chunks(build: Build, beat: BuildBeat) -> Iterator[Chunk]:
    source = ask.source(build, FILE)
    if source is None:
        raise CannotBuild("No file was brought.")
    size = source.path.stat().st_size
    beat.say("Reading the labels", size)
    for chunk in read([source._replace(labelled=True)]):
        yield chunk
        beat(chunk.bytes_read, size)


def _blocks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while block := list(islice(rows, AT_ONCE)):
        yield block


def _nothing(build: Build) -> str:
    """Why no row was of any use: most often the whole file is to blame."""
    first = rejects.first(build, 1)[0]
    where = f", row {first.row}, {first.column}" if first.column else ""
    return f"No row could be used: {first.file}{where} {first.reason}."


def _came(build: Build, kept: Kept, again: int, person: User) -> list[str]:
    """What came of it, in words."""
    n = build.labels.count()
    parts = (
        (n, "label was brought in", "labels were brought in"),
        (
            kept.replaced,
            f"of them takes the place of what {person} had said before",
            f"of them take the place of what {person} had said before",
        ),
        (
            kept.known,
            "was there already, and stays as it was",
            "were there already, and stay as they were",
        ),
        (
            again,
            "row repeats another one of the file",
            "rows repeat others of the file",
        ),
    )
    words = [
        f"{count:,} {one if count == 1 else many}."
        for count, one, many in parts
        if count
    ]
    return words if n else ["Nothing is new.", *words]
