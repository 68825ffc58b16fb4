"""A dataset of the registry for each run: what its rows are labelled as."""

import time
from typing import Any, Literal

from pydantic import Field

from dispatch import sources
from dispatch.choose import Settings
from dispatch.errors import DispatchError, NoRoom
from dispatch.models import Run
from dispatch.sources.source import Beat, Source
from monitor import claims, crash
from monitor.work import State
from registry.datasets import ask, from_table
from registry.datasets.bring_in import page
from registry.datasets.build import build
from registry.models import Build

_LOOK_SECONDS = 0.5


class Dataset(Settings):
    """Labelled rows of a table, kept as a dataset that never changes."""

    kind: Literal["dataset"] = "dataset"
    # What people call it; left empty, it is called after the schedule.
    name: str = Field(default="", max_length=70)

    def check(self, source: Source | None = None) -> list[str]:
        """What is wrong with it beside this source."""
        if source is None:
            return []
        if not isinstance(source, sources.Table):
            return ["A dataset is made of a table of a database: read from one."]
        if not source.label:
            return ["A dataset needs labels: say which column of the table has them."]
        return []

    def look(self, source: Source | None = None) -> list[str]:
        """All of that is known here."""
        return self.check(source)

    def words(self) -> str:
        """What it is, for people."""
        called = f" “{self.name}”" if self.name else ""
        return f"a dataset{called} of the registry for each run"

    def persist(self, run: Run, beat: Beat) -> dict[str, Any]:
        """Have it made of what the run has read; the same rows are the same dataset."""
        if run.batch is None:
            return {}
        source = sources.of(run.schedule.source)
        if problems := self.check(source):
            raise DispatchError(problems[0])
        asked = _asked(run) or self._ask(run, _recipe(source))
        claims.keep(run, output={"build": asked.pk})
        crash.at("sink.asked")
        _bring_to_its_end(asked, beat)
        return _told(asked)

    def _ask(self, run: Run, recipe: dict[str, Any]) -> Build:
        assert run.batch  # noqa: S101  # looked at before
        files = run.batch.files.order_by("position")
        at = run.slot.at if run.slot else run.created_at
        return ask.ask(
            Build.Kind.IMPORT,
            name=f"{self.name or run.schedule.name}, {at:%Y-%m-%d %H:%M} UTC",
            order={from_table.TABLE: recipe, "run": run.pk},
            files={
                # Under their hash they never change, so that a second name is enough.
                page(number): ask.Brought(file.name, file.path, temporary=True)
                for number, file in enumerate(files)
            },
            by=run.schedule.owner,
            send_it=False,
        )


def _recipe(source: Source) -> dict[str, Any]:
    """What a dataset's page tells of where its rows come from."""
    settings = source.model_dump(mode="json") if isinstance(source, Settings) else {}
    return {name: settings[name] for name in from_table.TOLD}


def _asked(run: Run) -> Build | None:
    """What an earlier try has asked for, unless nothing came of it."""
    builds = Build.objects.filter(kind=Build.Kind.IMPORT, order__run=run.pk)
    usable = builds.exclude(state__in=[State.FAILED, State.CANCELLED])
    return usable.order_by("pk").last()


def _bring_to_its_end(asked: Build, beat: Beat) -> None:
    """Make it here, or wait for the worker that has it."""

    def stopping() -> bool:
        beat()
        return False

    while asked.state != State.SUCCESS:
        build(asked, stopping)
        # What stopped the build stops the run.
        beat()
        asked.refresh_from_db()
        if asked.state == State.UP_FOR_RETRY:
            raise NoRoom(asked.reason)
        if asked.state in (State.FAILED, State.CANCELLED):
            raise DispatchError(f"No dataset was made: {asked.reason}")
        if asked.state != State.SUCCESS:
            time.sleep(_LOOK_SECONDS)


def _told(asked: Build) -> dict[str, Any]:
    dataset = asked.dataset
    assert dataset  # noqa: S101  # it ended well
    return {
        "dataset": dataset.number,
        "rows": dataset.n_rows,
        "pulsars": dataset.n_pulsars,
        "rejected": asked.n_rejected,
        "note": " ".join(asked.notes[:1]),
    }
