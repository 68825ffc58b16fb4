"""One file a run, with every scored row; and one of the rejects, if there are any."""

import errno
import hashlib
import os
import shutil
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from django.utils.timezone import now
from pydantic import AfterValidator, Field

from dispatch import places, sources
from dispatch.choose import Settings
from dispatch.errors import DispatchError
from dispatch.models import Run
from dispatch.sources.source import Beat, Source
from monitor import crash
from pulsar_ml.place import sync
from pulsar_ml.writers.format import Format
from pulsar_ml.writers.sheet import Query
from pulsar_ml.writers.write import FORMATS
from showroom import rows
from showroom.downloads.download import rejects_csv, wanted
from showroom.downloads.export import export
from showroom.downloads.watched import Seen, watched
from showroom.models import Batch
from showroom.storage import disk

_BY_NAME = {known.name: known for known in FORMATS}
_LINES_A_BEAT = 1_000
_UNFINISHED = ".writing-run-"


def _known(name: str) -> str:
    if name not in _BY_NAME:
        raise ValueError(f"must be one of {', '.join(_BY_NAME)}")
    return name


class Files(Settings):
    """Files in a folder, each there whole or not at all."""

    kind: Literal["files"] = "files"
    folder: str = Field(min_length=1, max_length=1000)
    format: Annotated[str, AfterValidator(_known)] = "csv"

    def check(self, source: Source | None = None) -> list[str]:
        """What is wrong with it at this moment, and beside this source."""
        try:
            # Whether it is there yet or not.
            if source and source.reads(places.inside(self.folder)):
                again = f"The schedule would read its own results from {self.folder}"
                return [f"{again} again; choose a folder that it does not read."]
            self._folder()
        except (DispatchError, OSError) as error:
            return [str(getattr(error, "strerror", None) or error)]
        return []

    def look(self, source: Source | None = None) -> list[str]:
        """All of that is known here."""
        return self.check(source)

    def words(self) -> str:
        """What it is, for people."""
        return f"{_BY_NAME[self.format].label} files in {self.folder}"

    def persist(self, run: Run, beat: Beat) -> dict[str, Any]:
        """Write them under names that every try of the run uses again."""
        if run.batch is None:
            return {}
        folder = self._folder()
        # Both may have been changed since somebody looked.
        if problems := self.check(sources.of(run.schedule.source)):
            raise DispatchError(problems[0])
        # With all that is needed of it: the other thread may not ask the database.
        batch = Batch.objects.select_related("version__model").get(pk=run.batch.pk)
        name = file_name(run, batch, _BY_NAME[self.format])
        unfinished = _room_for(folder, run, name)
        try:
            told = _write(batch, unfinished / name, _BY_NAME[self.format], beat)
            told |= _write_rejects(batch, unfinished / f"{name}.rejects.csv", beat)
            # Rejects first: who sees the file finds them beside it.
            for file in sorted(unfinished.iterdir(), key=lambda one: one.name == name):
                file.replace(folder / file.name)
            sync(folder)
        except OSError as error:
            # Of what is written the system says nothing, or a name that nobody knows.
            if str(error.filename or unfinished).startswith(str(unfinished)):
                error.filename = self.folder
            raise
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        crash.at("persist.written")
        return {"path": str(folder / name), **told}

    def _folder(self) -> Path:
        """The folder itself; an error in words where nothing can be written."""
        folder = places.inside(self.folder)
        if not folder.is_dir():
            raise FileNotFoundError(
                errno.ENOENT, f"The folder {self.folder} is not there."
            )
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(
                errno.EACCES, f"The site may not write into {self.folder}."
            )
        return folder


def file_name(run: Run, batch: Batch, kind: Format) -> str:
    """What a run's file is called."""
    at = run.slot.at if run.slot else run.created_at
    moment = f"{at:%Y%m%dT%H%M%SZ}"
    return f"{run.schedule.slug}-{moment}-batch{batch.pk}{kind.suffixes[0]}"


def _room_for(folder: Path, run: Run, name: str) -> Path:
    """Make a hidden folder that no other try and no other site writes into.

    What killed tries have left goes: those of this run, and of whom nobody has heard.
    """
    mine, at = f"{_UNFINISHED}{run.pk}-{name}-", now()
    for left in folder.glob(f"{_UNFINISHED}*"):
        if left.name.startswith(mine) or disk.has_aged(left, at):
            shutil.rmtree(left, ignore_errors=True)
    unfinished = folder / f"{mine}{run.holder[:8]}"
    unfinished.mkdir()
    return unfinished


class _Written(NamedTuple):
    rows: int
    bytes: int
    sha256: str


def _write(batch: Batch, path: Path, kind: Format, beat: Beat) -> dict[str, Any]:
    def seen(done: int, of: int) -> None:
        del done, of
        beat()

    with rows.query(batch, wanted(batch, "sort=row", None)) as query:
        written = watched(query, partial(_export, batch, query, path, kind), seen)
    return written._asdict()


def _export(
    batch: Batch, query: Query, path: Path, kind: Format, seen: Seen
) -> _Written:
    # The batch's own time: every try writes the same bytes.
    at = batch.created_at
    n_rows = export(batch, query, path, kind, selection="", at=at, seen=seen)
    return _Written(n_rows, *_measure(path))


def _measure(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return path.stat().st_size, sha256


def _write_rejects(batch: Batch, path: Path, beat: Beat) -> dict[str, Any]:
    if not batch.n_rejected:
        return {}
    with path.open("w", newline="", encoding="utf-8") as file:
        for number, line in enumerate(rejects_csv(batch)):
            if number % _LINES_A_BEAT == 0:
                beat()
            file.write(line)
    sync(path)
    return {"rejects": path.name, "rejected": batch.n_rejected}
