"""Have a schedule read a table again from some row on, and take that back."""

import tempfile
from pathlib import Path
from typing import Any

from django.db import transaction

from accounts.models import User
from dispatch import sources
from dispatch.errors import DispatchError
from dispatch.models import Position, Run, Schedule
from dispatch.models.position import goes_on
from dispatch.positions import keep
from dispatch.sources import pages
from monitor.events import record
from pulsar_ml.errors import PulsarError
from registry.connections import ask
from registry.errors import RegistryError
from showroom import parts

# Somebody waits before a page.
_SECONDS = 15


class CannotRewind(DispatchError):
    """It is not read on from anywhere, or not from there; the message says why."""


def reading(schedule: Schedule) -> sources.Table | None:
    """The table that a schedule reads on, if it does."""
    try:
        source = sources.of(schedule.source)
    except DispatchError:
        return None
    if isinstance(source, sources.Table) and source.every == "new":
        return source
    return None


def position(schedule: Schedule) -> Position | None:
    """Where its next run goes on; None where that is the first row."""
    table = reading(schedule)
    return keep.find(schedule, table.sha256) if table else None


def rewind(schedule: Schedule, to: str, *, by: User | None) -> Position:
    """Have the next run read from this mark, or key, on; from the first row if empty.

    What it finds again replaces its results in a table.
    """
    table = _read_on(schedule)
    at = {"from": to} if to else {}
    if at:
        _try(table, at)
    return _move(schedule, table, at, "", None, by)


def undo(schedule: Schedule, *, by: User | None) -> Position:
    """Set the position again that was there before somebody moved it."""
    table = _read_on(schedule)
    was = keep.find(schedule, table.sha256)
    if was is None or not was.before:
        raise CannotRewind(
            "There is nothing to take back: nobody has moved it since the last run."
        )
    before = was.before
    run = Run.objects.filter(pk=before["run"]).first()
    return _move(schedule, table, before["at"], before["seen"], run, by)


def _move(
    schedule: Schedule,
    table: sources.Table,
    at: dict[str, Any],
    seen: str,
    run: Run | None,
    by: User | None,
) -> Position:
    was = keep.find(schedule, table.sha256)
    before = (
        {"at": was.at, "seen": was.seen, "run": was.run_id}
        if was
        else {"at": {}, "seen": "", "run": None}
    )
    with transaction.atomic():
        keep.move(was, schedule, table.sha256, at=at, seen=seen, run=run, before=before)
        record(
            "position.moved",
            about=str(schedule),
            who=by,
            was=goes_on(before["at"]),
            now=goes_on(at),
        )
    if was:
        keep.tidy(was.seen, was.before.get("seen", ""))
    return schedule.positions.get(source_sha256=table.sha256)


def _read_on(schedule: Schedule) -> sources.Table:
    table = reading(schedule)
    if table is None:
        raise CannotRewind(
            f"{schedule.name} does not read on in a table, so there is nothing to move."
        )
    return table


def _try(table: sources.Table, at: dict[str, Any]) -> None:
    """Have the database say whether there can be such a value."""
    with tempfile.TemporaryDirectory(dir=parts.temporary()) as folder:
        order = pages.order(table, at, None, Path(folder), most=1)
        try:
            list(ask.ask(table.connection, order, beat=ask.within(_SECONDS)))
        except (PulsarError, RegistryError) as error:
            raise CannotRewind(str(error)) from error
