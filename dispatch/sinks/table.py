"""A table of a database: each candidate once, with its latest score."""

import re
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from dispatch import sources
from dispatch.choose import Settings
from dispatch.errors import DispatchError
from dispatch.models import Run
from dispatch.sources.source import Beat, Source
from monitor import claims, crash
from pulsar_ml.errors import DatabaseFault, PulsarError
from registry.connections import ask, configured
from registry.errors import RegistryError
from showroom.models import Batch, Chunk

# Somebody waits for the answer.
_LOOK_SECONDS = 15
# What a run tells of its parts, and how their child calls it.
_TOLD = {
    "rows": "written",
    "replaced": "deleted",
    "keys_that_came_again": "repeated",
    "left_to_a_later_run": "later",
}


class Table(Settings):
    """Results in a table, part by part of the batch's ledger."""

    kind: Literal["table"] = "table"
    connection: str = Field(min_length=1, max_length=50)
    table: str = Field(min_length=1, max_length=255)
    # Whether it is to be made where it is not there.
    make: bool = False

    def check(self, source: Source | None = None) -> list[str]:
        """What is wrong with it by all that the site itself knows."""
        try:
            found = configured.find(self.connection)
        except RegistryError as error:
            return [str(error)]
        if found.read_only:
            only = f"The connection {self.connection} may only read"
            return [f"{only}: choose another, or let config.yaml say read_only: false."]
        if source and self._is_read_by(source):
            again = f"The schedule would read its own results from {self.table}"
            return [f"{again} again; choose a table that it does not read."]
        return []

    def look(self, source: Source | None = None) -> list[str]:
        """The same, and what the database says of the table."""
        if problems := self.check(source):
            return problems
        try:
            found = self._found(ask.within(_LOOK_SECONDS))
        except (PulsarError, RegistryError) as error:
            return [str(error)]
        if found["is_there"] or self.make:
            return list(found["problems"]) if found["is_there"] else []
        return [self._lacking()]

    def words(self) -> str:
        """What it is, for people."""
        made = ", made if it is not there" if self.make else ""
        return f"the table {self.table} of {self.connection}{made}"

    def persist(self, run: Run, beat: Beat) -> dict[str, Any]:
        """Write the parts that are not there yet; each replaces what it was before."""
        if run.batch is None:
            return {}
        source = sources.of(run.schedule.source)
        if problems := self.check(source):
            raise DispatchError(problems[0])
        batch = Batch.objects.select_related("version__model").get(pk=run.batch.pk)
        told = self._begun(run)
        key = self._ready(run, told, source, beat)
        parts = list(batch.chunks.order_by("number")[run.n_written :])
        if parts:
            order = self._order(run, batch, key, source)
            self._write(run, parts, order, told, beat)
        return told

    def _write(
        self,
        run: Run,
        parts: Sequence[Chunk],
        order: dict[str, Any],
        told: dict[str, Any],
        beat: Beat,
    ) -> None:
        with ask.writer(self.connection, order, beat=beat) as write:
            for part in parts:
                done = write(_files(part))
                crash.at("sink.part")
                for what, said in _TOLD.items():
                    # What hardly ever happens is told where it did.
                    if what in told or done[said]:
                        told[what] = told.get(what, 0) + done[said]
                run.n_written = part.number + 1
                claims.keep(run, n_written=run.n_written, output=told)
                crash.at("sink.noted")
                beat()

    def _begun(self, run: Run) -> dict[str, Any]:
        """What an earlier try has told; another table holds nothing of it yet."""
        there = {"connection": self.connection, "table": self.table}
        if run.n_written and there.items() <= run.output.items():
            return dict(run.output)
        run.n_written = 0
        return {**there, "rows": 0, "replaced": 0}

    def _ready(self, run: Run, told: dict[str, Any], source: Source, beat: Beat) -> str:
        """Have the table there, with the right columns; of what kind its key is."""
        wanted = source.key_kind(run) if isinstance(source, sources.Table) else "text"
        found = self._found(beat)
        if found["is_there"]:
            if found["problems"]:
                raise DatabaseFault(" ".join(found["problems"]), passing=False)
            return str(found["key"] or wanted)
        # Whoever took it away has taken with it what was written.
        run.n_written = told["rows"] = told["replaced"] = 0
        claims.keep(run, n_written=0)
        if not self.make:
            raise DatabaseFault(self._lacking(), passing=False)
        order = {"verb": "make", "table": self.table, "key": wanted}
        list(ask.ask(self.connection, order, beat=beat))
        return wanted

    def _found(self, beat: Beat) -> dict[str, Any]:
        # Of whatever kind its key is, results go by that.
        order = {"verb": "check", "table": self.table, "key": None}
        return next(iter(ask.ask(self.connection, order, beat=beat)))

    def _order(
        self, run: Run, batch: Batch, key: str, source: Source
    ) -> dict[str, Any]:
        scored_at = batch.finished_at or batch.created_at
        return {
            "verb": "write",
            "table": self.table,
            "key": key,
            # A file has no key of its own: its rows are called as on the pages.
            "prefix": "" if isinstance(source, sources.Table) else f"{batch.pk}-",
            "schedule": run.schedule.slug,
            "run": run.pk,
            "model": batch.version.model.name,
            "version": batch.version.number,
            # The batch's own time: every try writes the same rows.
            "scored_at": scored_at.isoformat(),
        }

    def _lacking(self) -> str:
        return (
            f"There is no table {self.table} in {self.connection}: make it, or let the "
            "schedule make it."
        )

    def _is_read_by(self, source: Source) -> bool:
        if not isinstance(source, sources.Table):
            return False
        if source.connection != self.connection:
            return False
        mine, select = _bare(self.table), source.select.casefold()
        if source.table:
            return _bare(source.table) == mine
        return bool(re.search(rf"\b{re.escape(mine)}\b", select))


def _bare(name: str) -> str:
    """A table's name without its schema, which people leave out."""
    return name.rpartition(".")[2].strip('"`[] ').casefold()


def _files(part: Chunk) -> dict[str, str]:
    """Where a part lies, and what was rejected of it."""
    folder = part.batch.folder
    paths = {"part": part.part, "rejects": part.rejects}
    there = {what: folder / name for what, name in paths.items() if name}
    for path in there.values():
        if not path.is_file():
            raise DispatchError(f"The scores of {part.batch} are not there any more.")
    return {what: str(there.get(what, "")) for what in paths}
