"""How a job is, and why, in words."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from accounts.templatetags.times import duration
from monitor.checks.late import Late
from monitor.checks.record import Record
from monitor.clock.step import Unrest
from monitor.models import Check, Start
from monitor.starts.vanished import VANISHED
from monitor.starts.watch import WORKER

State = Check.State


class Verdict(NamedTuple):
    """Its state, a sentence or two, and since when that is so, if not since now."""

    state: Check.State
    summary: str
    since: datetime | None = None


class _Trouble(NamedTuple):
    since: datetime
    words: str


def verdict(of: Record, late: Late | None, unrest: Unrest, at: datetime) -> Verdict:
    """How it is."""
    if of.paused:
        return Verdict(State.PAUSED, _paused(of))
    troubles = list(_troubles(of, late, unrest, at))
    if troubles:
        words = " ".join([*(one.words for one in troubles), *_at_work(of)])
        return Verdict(State.DOWN, words, min(one.since for one in troubles))
    if of.at_work:
        return Verdict(State.STARTED, " ".join(_at_work(of)))
    if late:
        return Verdict(State.GRACE, f"Should start by {told(late.start_by)}.")
    if of.last is None:
        return Verdict(State.NEW, "Nothing was expected of it yet.")
    return Verdict(State.UP, _well(of))


def _troubles(
    of: Record, late: Late | None, unrest: Unrest, at: datetime
) -> Iterator[_Trouble]:
    if late and at > late.start_by:
        yield _Trouble(late.first, _missed(late))
    result = of.result
    if result and result.outcome == Start.Outcome.FAILED and not _is_taken_over(of):
        yield _Trouble(result.ended_at or result.at, _failure(result))
    limit = timedelta(seconds=of.job.finish_within)
    for start in of.at_work:
        took = unrest.worked(start.at, at)
        if took > limit:
            words = f"Runs for {duration(took)}, should take at most {duration(limit)}."
            yield _Trouble(at - (took - limit), words)


def _missed(late: Late) -> str:
    if late.silence and late.silence.holds(late.first):
        return f"Not started at {told(late.first)}: the clock was not running."
    return f"Should have started by {told(late.start_by)}."


def _is_taken_over(of: Record) -> bool:
    """Whether a worker goes on with what a process that vanished has left."""
    vanished = of.result is not None and of.result.detail == VANISHED
    return vanished and any(start.by == WORKER for start in of.at_work)


def _failure(start: Start) -> str:
    code = f" (exit {start.exit})" if start.exit else ""
    return f"Its start at {told(start.at)} failed{code}: {start.detail}"


def _paused(of: Record) -> str:
    off = of.paused
    until = f" until {told(off.until)}" if off and off.until else ""
    words = f"Paused by {of.paused_by}{until}"
    return f"{words}: {off.reason}" if off and off.reason else f"{words}."


def _at_work(of: Record) -> list[str]:
    return [
        f"At work since {told(start.at)}, process {start.pid} on {start.host}."
        for start in of.at_work[-1:]
    ]


def _well(of: Record) -> str:
    well = of.success
    if well is None:
        return "None of its starts has failed."
    at = told(well.ended_at or well.at)
    return f"Ended well at {at}, in {duration(well.duration)}."


def told(at: datetime) -> str:
    """A moment which every reader should understand alike."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
