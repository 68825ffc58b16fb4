"""What the page of a job shows besides its state."""

from datetime import datetime, timedelta
from typing import Any

from monitor.checks.late import Late
from monitor.checks.learnt import iso
from monitor.checks.record import Record
from monitor.models import Start
from monitor.starts import process

# By name; the others are counted.
_MISSED = 10


def detail(of: Record, late: Late | None, learnt: dict[str, Any]) -> dict[str, Any]:
    """Moments are text in UTC, lengths are seconds; what is unknown is empty."""
    missed = late.moments if late else []
    return {
        **learnt,
        **_start(of.last),
        "last_success": iso(of.success.at if of.success else None),
        "start_by": iso(late.start_by) if late else _start_by(of, learnt["next_slot"]),
        "finish_by": _finish_by(of),
        "missed": [iso(moment) for moment in missed[:_MISSED]],
        "n_missed": len(missed),
        "running": [_running(start) for start in of.at_work],
    }


def _start(last: Start | None) -> dict[str, Any]:
    if last is None:
        return {"last_start": ""}
    return {
        "last_start": iso(last.at),
        "by": last.by,
        "outcome": last.outcome,
        "exit": last.exit,
        "duration": last.duration,
        "error": last.detail,
        "run_page": last.page,
    }


def _finish_by(of: Record) -> str:
    limit = timedelta(seconds=of.job.finish_within)
    return iso(of.at_work[-1].at + limit) if of.at_work else ""


def _start_by(of: Record, coming: str) -> str:
    patience = timedelta(seconds=of.job.start_within)
    return iso(datetime.fromisoformat(coming) + patience) if coming else ""


def _running(start: Start) -> dict[str, Any]:
    facts = process.facts(start)
    known = {"start": start.pk, "since": iso(start.at), "page": start.page}
    where = {"host": start.host, "pid": start.pid, "by": start.by}
    # Of a process elsewhere nothing else is known.
    return {**known, **where, **(facts._asdict() if facts else {})}
