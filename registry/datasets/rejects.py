"""What a build could not use: written as it is read, shown on its page."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from uuid import uuid4

from pulsar_ml import safe_csv
from pulsar_ml.loader import Reject
from registry.models import Build

_HEAD = ("row", "file", "line", "column", "value", "reason", "name")


class Refusing:
    """Takes rejects and counts them."""

    def __init__(self, path: Path) -> None:
        self.n = 0
        self._file = path.open("w", encoding="utf-8")

    def __call__(self, rejects: Sequence[Reject]) -> None:
        """Keep them, in their order."""
        self._file.writelines(f"{json.dumps(reject)}\n" for reject in rejects)
        self.n += len(rejects)

    def close(self) -> None:
        """Have the disk hold what was written."""
        self._file.close()


@contextmanager
def writing(build: Build) -> Iterator[Refusing]:
    """Keep what is refused meanwhile, also where all of it is and the build fails."""
    build.folder.mkdir(parents=True, exist_ok=True)
    # Of another name until then: one whose lease is lost may still be writing.
    unfinished = build.folder / f".rejects-{uuid4().hex}"
    refusing = Refusing(unfinished)
    try:
        yield refusing
    finally:
        refusing.close()
        if Build.objects.filter(pk=build.pk, holder=build.holder).exists():
            unfinished.replace(_path(build))
        unfinished.unlink(missing_ok=True)


def first(build: Build, n: int) -> list[Reject]:
    """So many of them."""
    return list(islice(_all(build), n))


def count(build: Build) -> int:
    """How many there are."""
    return sum(1 for _ in _all(build))


def lines(build: Build) -> Iterator[str]:
    """All of them as CSV, line by line."""
    yield _line(_HEAD)
    for reject in _all(build):
        yield _line(reject)


def _all(build: Build) -> Iterator[Reject]:
    try:
        with _path(build).open(encoding="utf-8") as file:
            for line in file:
                yield Reject(*json.loads(line))
    except FileNotFoundError:
        return


def _line(cells: Sequence[object]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([safe_csv.safe(cell) for cell in cells])
    return text.getvalue()


def _path(build: Build) -> Path:
    return build.folder / "rejects.jsonl"
