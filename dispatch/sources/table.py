"""A table of a database, or what one SELECT gives, read on from where it was left."""

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from dispatch.choose import Settings
from dispatch.models import Run
from dispatch.positions import keep
from dispatch.sources import pages
from dispatch.sources.source import Beat, Sample
from pulsar_ml import loader
from pulsar_ml.features import FEATURES
from pulsar_ml.formats.table import MAX_METADATA
from registry.connections import ask, configured
from registry.errors import RegistryError
from showroom import parts

# A test of a schedule is waited for.
_SAMPLE_SECONDS = 15

_Name = Annotated[str, Field(max_length=255)]


def _all_eight(columns: dict[str, str]) -> dict[str, str]:
    if missing := [name for name in FEATURES if not columns.get(name)]:
        raise ValueError(f"say which column holds {', '.join(missing)}")
    if unknown := sorted(set(columns) - set(FEATURES)):
        raise ValueError(f"there is no feature {', '.join(unknown)}")
    return columns


class Table(Settings):
    """Rows of a table, each once, in the order of its key or of its changes."""

    kind: Literal["table"] = "table"
    connection: str = Field(min_length=1, max_length=50)
    # Either of the two.
    table: _Name = ""
    select: str = Field(default="", max_length=20_000)
    key: _Name = Field(min_length=1)
    # A column that grows with each change of a row, a time for instance.
    mark: _Name = ""
    # So far back is looked again: seconds of a mark that is a time, else units.
    overlap: float = Field(default=0, ge=0, le=1e12)
    columns: Annotated[dict[str, _Name], AfterValidator(_all_eight)]
    keep: tuple[_Name, ...] = Field(default=(), max_length=MAX_METADATA)
    label: _Name = ""
    every: Literal["new", "all"] = "new"

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.table) == bool(self.select):
            raise ValueError("say which table, or give a SELECT")
        return self

    def check(self) -> list[str]:
        """What is wrong with it by all that the site itself knows."""
        try:
            configured.find(self.connection)
        except RegistryError as error:
            return [str(error)]
        return []

    def words(self) -> str:
        """What it is, for people."""
        order = f"{self.mark} and {self.key}" if self.mark else self.key
        rows = "all rows" if self.every == "all" else "new rows"
        return f"{rows} of {self.what} in {self.connection}, in the order of {order}"

    def reads(self, folder: Path) -> bool:
        """Whether it would read a file that somebody writes into this folder."""
        del folder
        return False

    def sample(self, n_rows: int) -> Sample:
        """The first rows, whether they were taken in before or not."""
        with tempfile.TemporaryDirectory(dir=parts.temporary()) as folder:
            into = Path(folder)
            order = pages.order(self, None, None, into, most=n_rows)
            answers = ask.ask(self.connection, order, beat=ask.within(_SAMPLE_SECONDS))
            read = pages.gathered(self, answers, lambda: None)
            sources = [loader.Source(one.path, one.name) for one in read.pages]
            chunk = next(loader.read(sources, chunk_rows=n_rows), None)
        if chunk is None:
            return Sample(None, [], ["There is no row in it."], [], [])
        names = [page.name for page in read.pages]
        return Sample(chunk.frame, chunk.rejects, list(chunk.notes), names, [])

    def collect(self, run: Run, beat: Beat) -> bool:
        """Read what is new into files of the run; whether there is anything."""
        return pages.collect(self, run, beat)

    def reading(self) -> dict[str, Any]:
        """What the child is told of it."""
        return {
            "table": self.table,
            "select": self.select,
            "key": self.key,
            "mark": self.mark,
            "overlap": self.overlap,
            "columns": self.columns,
            "keep": list(self.keep),
            "label": self.label,
        }

    def key_kind(self, run: Run) -> str:
        """Whether its keys are whole numbers, as far as a run has told: or text."""
        position = keep.find(run.schedule, self.sha256)
        kind = position.at.get("kind") if position else None
        return "integer" if kind == "integer" else "text"

    @property
    def what(self) -> str:
        """What is read, in a few words."""
        return f"the table {self.table}" if self.table else "a SELECT"

    @property
    def sha256(self) -> str:
        """Of what is read in which order: with another one, it is read anew."""
        what = [self.connection, self.table, self.select, self.key, self.mark]
        # All rows each time: nothing goes on there.
        what += [self.every] * (self.every == "all")
        return hashlib.sha256(json.dumps(what).encode()).hexdigest()
