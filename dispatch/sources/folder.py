"""A folder in which files arrive: tables, and raw candidates."""

import errno
import os
from pathlib import Path
from typing import Annotated, Any, Literal

from django.utils.timezone import now
from pydantic import AfterValidator, BeforeValidator, Field

from dispatch import places
from dispatch.choose import Settings
from dispatch.errors import DispatchError
from dispatch.models import Run
from dispatch.sources import collect
from dispatch.sources.look import Look, look, matcher
from dispatch.sources.notes import Notes, printable
from dispatch.sources.source import Beat, Sample
from dispatch.sources.units import Rest, units, whole
from pulsar_ml import loader
from showroom import parts

_WAITING_NAMED = 20


def _patterns(value: Any) -> Any:
    return value.split() if isinstance(value, str) else value


def _some(patterns: tuple[str, ...]) -> tuple[str, ...]:
    if not all(patterns) or not patterns:
        raise ValueError("say which files, as *.csv")
    if any(pattern.startswith("/") or "\0" in pattern for pattern in patterns):
        raise ValueError("they are about names below the folder, as *.csv or raw/*.pfd")
    return patterns


def _marker(marker: str) -> str:
    if "/" in marker or "\0" in marker:
        raise ValueError("must be what is put behind a file's name, as .done")
    return marker


class Folder(Settings):
    """Files of a folder, each content once, as soon as they are whole."""

    kind: Literal["folder"] = "folder"
    folder: str = Field(min_length=1, max_length=1000)
    # Either a text with blanks or line breaks between them, or a list.
    patterns: Annotated[
        tuple[Annotated[str, Field(max_length=200)], ...],
        BeforeValidator(_patterns),
        AfterValidator(_some),
    ] = Field(default=("*",), max_length=50)
    recursive: bool = False
    settle_seconds: int = Field(default=60, ge=0, le=86_400)
    # When others say by a file of this name that one is whole, nobody has to wait.
    marker: Annotated[str, AfterValidator(_marker)] = Field(default="", max_length=50)

    def check(self) -> list[str]:
        """What is wrong with it at this moment; empty where nothing is."""
        try:
            root = self.root()
        except (DispatchError, OSError) as error:
            return [str(getattr(error, "strerror", None) or error)]
        if not os.access(root, os.R_OK | os.X_OK):
            return [f"The folder {self.folder} may not be read by the site."]
        return []

    def words(self) -> str:
        """What it is, for people."""
        deep = " and the folders in it" if self.recursive else ""
        every = "*" in self.patterns
        wanted = "every file" if every else ", ".join(self.patterns)
        return f"{wanted} in {self.folder}{deep}"

    def reads(self, folder: Path) -> bool:
        """Whether it would read a file that somebody writes into this folder."""
        mine, other = Path(self.folder).resolve(), folder.resolve()
        return other.is_relative_to(mine) if self.recursive else other == mine

    def sample(self, n_rows: int) -> Sample:
        """The first rows, whether they were taken in before or not."""
        notes, at = Notes(), now()
        there = self.look(notes, lambda: None)
        found, waiting = whole(units(there), there, self.rest, {}, at, notes)
        # Each gives a row, or the reason why it has none.
        sources = [
            loader.Source(Path(file.path), name, scratch=parts.scratch())
            for unit in found[:n_rows]
            for file, name in zip(unit.files, unit.names(), strict=True)
        ]
        chunk = next(loader.read(sources, chunk_rows=n_rows), None)
        late = [printable(unit.first.name) for unit in waiting[:_WAITING_NAMED]]
        if chunk is None:
            return Sample(None, [], notes.sentences(), [], late)
        read = [unit.names()[0] for unit in found[: chunk.end.file + 1]]
        said = [*notes.sentences(), *chunk.notes]
        return Sample(chunk.frame, chunk.rejects, said, read, late)

    def collect(self, run: Run, beat: Beat) -> bool:
        """Take in what is whole and new; whether there is anything."""
        return collect.collect(self, run, beat)

    @property
    def rest(self) -> Rest:
        """When a file is whole."""
        return Rest(self.settle_seconds, self.marker)

    def look(self, notes: Notes, beat: Beat) -> Look:
        """Which files are there; an OSError where the folder is not."""
        root, fits = self.root(), matcher(self.patterns)

        def is_wanted(name: str) -> bool:
            return fits(name) and not (self.marker and name.endswith(self.marker))

        return look(str(root), is_wanted, notes, beat, recursive=self.recursive)

    def root(self) -> Path:
        """The folder itself; an error in words where there is none."""
        root = places.inside(self.folder)
        if not root.exists():
            raise FileNotFoundError(
                errno.ENOENT, f"The folder {self.folder} is not there."
            )
        if not root.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, f"{self.folder} is no folder.")
        return root
