"""What a job's past says; it changes only with a start, an end or a moment."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from monitor.checks.awaited import following, last
from monitor.checks.record import Record
from monitor.clock.step import Unrest
from monitor.models import Start
from monitor.starts.frequent import INTERVALS, too_frequent
from monitor.starts.usual import usual


def learnt(of: Record, unrest: Unrest, at: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """Its next moment, how long it takes, whether it starts too often.

    Taken over from its last reading where nothing has happened since.
    """
    before = of.before if of.before.get("cron") == of.cron else {}
    found = {
        "next_slot": before.get("next_slot", ""),
        "usual": before.get("usual"),
        "too_frequent": before.get("too_frequent", False),
    }
    # By a clock that was put back since, the next may be an earlier one.
    was_before = of.looked_at is not None and of.looked_at <= at
    if not was_before or iso(at) >= found["next_slot"]:
        found["next_slot"] = iso(following(of.cron, at, zone))
    if before.get("last_success", "") != _at(of.success):
        took = usual(of.job.slug)
        found["usual"] = list(took) if took else None
    if before.get("last_start", "") != _at(of.last):
        found["too_frequent"] = _starts_too_often(of, unrest, at, zone)
    return {"cron": of.cron, **found}


def iso(moment: datetime | None) -> str:
    """A moment as JSON has it, all in UTC; nothing for none."""
    return moment.isoformat(timespec="microseconds") if moment else ""


def _at(start: Start | None) -> str:
    return iso(start.at) if start else ""


def _starts_too_often(of: Record, unrest: Unrest, at: datetime, zone: ZoneInfo) -> bool:
    moments = last(of.cron, INTERVALS + 1, of.since, at, zone)
    # Put back, a clock comes to the same moments again.
    if not moments or unrest.stepped(moments[0]):
        return False
    return too_frequent(of.job.slug, moments)
