"""Work on an export until it ends: its labels chosen, then their files, whole."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction

from monitor import claims, crash, room
from monitor.events import record
from monitor.work import LeaseLost, State
from pulsar_ml.place import sync
from registry.attempt import attempt
from registry.datasets.beat import BuildBeat
from registry.exports.ask import NothingToExport
from registry.exports.clear import COMING, clear
from registry.exports.gone import is_changed
from registry.exports.new import new
from registry.exports.write import write
from registry.labels.land import settle_all
from registry.models import Export, Exported

_AT_ONCE = 1_000


def work(export: Export, stopping: Callable[[], bool] = lambda: False) -> None:
    """Make it from the start, unless another worker has it."""
    if not claims.claim(export):
        return
    attempt(
        export,
        partial(_work, export, BuildBeat(export, stopping)),
        end=partial(_end, export),
        clear=partial(clear, export),
    )


def _work(export: Export, beat: BuildBeat) -> None:
    room.check()
    # What a worker left that died over it.
    clear(export)
    beat.say("Choosing the labels")
    # Until then what a file has replaced looks as if it held.
    settle_all()
    _choose(export)
    crash.at("export.chosen")
    if not (export.exported.exists() or is_changed(export.model)):
        raise NothingToExport("No label is new, withdrawn or restored any more.")
    coming = export.folder.with_name(f"{COMING}{export.number}-{export.holder}")
    coming.mkdir(parents=True)
    manifest = write(export, coming, beat)
    crash.at("export.written")
    # Whoever has lost it must not put its files in another's place.
    beat.now()
    coming.rename(export.folder)
    sync(export.folder.parent)
    crash.at("export.placed")
    _land(export, manifest)


def _choose(export: Export) -> None:
    # All at once: to look for the next ones again would sort all of them again.
    found = list(new(export.model).values_list("pk", flat=True))
    for first in range(0, len(found), _AT_ONCE):
        block = found[first : first + _AT_ONCE]
        rows = [Exported(export=export, label_id=pk) for pk in block]
        with transaction.atomic():
            # In the same transaction: who has lost the export chooses no more.
            claims.keep(export)
            Exported.objects.bulk_create(rows)


def _land(export: Export, manifest: dict[str, Any]) -> None:
    with transaction.atomic():
        if not claims.close(export, State.SUCCESS, manifest=manifest):
            raise LeaseLost(f"Another worker has taken {export} over.")
        record(
            "export.made",
            about=str(export),
            who=export.by_id,
            labels=manifest["labels"],
            pulsars=manifest["pulsars"],
            files={name: one["sha256"] for name, one in manifest["files"].items()},
        )


def _end(export: Export, state: State, reason: str) -> None:
    with transaction.atomic():
        if not claims.close(export, state, reason=reason):
            return
        kind = export.EVENTS[state]
        record(kind, about=str(export), who=export.by_id, reason=reason)
    clear(export)
