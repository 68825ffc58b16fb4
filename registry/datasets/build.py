"""Work on a build until it ends: a dataset brought in or frozen, or labels."""

import shutil
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction

from monitor import claims, crash, room
from monitor.events import record
from monitor.work import State
from registry.attempt import attempt
from registry.datasets import bring_in, freeze, rejects
from registry.datasets.beat import BuildBeat
from registry.labels import bring_in as labels
from registry.labels import land
from registry.models import Build

Verb = Callable[[Build, BuildBeat], dict[str, Any]]
_VERBS: dict[str, Verb] = {
    Build.Kind.IMPORT: bring_in.bring_in,
    Build.Kind.FREEZE: freeze.freeze,
    Build.Kind.LABELS: labels.bring_in,
}
# What ends well otherwise than by its row alone.
_LANDS: dict[str, Callable[[Build, dict[str, Any]], None]] = {
    Build.Kind.LABELS: land.land,
}
# What stays when it has ended: the others are as large as what was brought.
KEPT = "rejects.jsonl"


def build(wanted: Build, stopping: Callable[[], bool] = lambda: False) -> None:
    """Work on it from the start, unless another worker has it."""
    if not claims.claim(wanted):
        return
    attempt(
        wanted,
        partial(_work, wanted, BuildBeat(wanted, stopping)),
        end=partial(_end, wanted),
        clear=partial(_clear, wanted),
    )


def tidy(ended: Build) -> None:
    """Remove what nobody needs any more: all but what it refused."""
    for path in ended.folder.glob("*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name != KEPT:
            path.unlink(missing_ok=True)


def _work(wanted: Build, beat: BuildBeat) -> None:
    room.check()
    _clear(wanted)
    crash.at("build.begun")
    came = _VERBS[wanted.kind](wanted, beat)
    crash.at("build.done")
    _LANDS.get(wanted.kind, _close)(wanted, came)
    tidy(wanted)


def _close(wanted: Build, came: dict[str, Any]) -> None:
    claims.close(wanted, State.SUCCESS, **came)


def _clear(wanted: Build) -> None:
    """Remove what a worker left that died over it."""
    brought = {KEPT, *wanted.order["files"]}
    for path in wanted.folder.glob("*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name not in brought:
            path.unlink(missing_ok=True)


def _end(ended: Build, state: State, reason: str) -> None:
    n_rejected = rejects.count(ended)
    with transaction.atomic():
        if not claims.close(ended, state, reason=reason, n_rejected=n_rejected):
            return
        record(
            ended.EVENTS[state],
            about=str(ended),
            who=ended.by_id,
            name=ended.name,
            reason=reason,
            rejected=n_rejected,
        )
    tidy(ended)
