"""Since when a job does well: whether it is at work just now or not."""

from datetime import datetime

from monitor.checks.learnt import iso
from monitor.checks.record import Record
from monitor.models import Check

State = Check.State
KEY = "well_since"


def well_since(of: Record, state: Check.State, at: datetime) -> str:
    """Kept from look to look; nothing while it is not well, or not again."""
    if state not in (State.UP, State.STARTED):
        return ""
    if before := of.before.get(KEY):
        return str(before)
    return iso(at) if state == State.UP or _has_succeeded(of) else ""


def _has_succeeded(of: Record) -> bool:
    """Since the last look: that it was started again does not make it well."""
    known = of.before.get("last_success", "")
    return of.success is not None and iso(of.success.at) != known


def read(check: Check) -> datetime | None:
    """What a job's reading says of it."""
    since = check.detail.get(KEY) if check.kind == Check.Kind.JOB else None
    return datetime.fromisoformat(since) if since else None
