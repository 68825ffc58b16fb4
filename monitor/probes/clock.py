"""Whether time is kept: by the clock's own sign of life, not by a process's name."""

from datetime import datetime

from django.utils import timezone

from accounts.templatetags.times import duration
from monitor.clock import turn
from monitor.models import Check, Ping
from monitor.probes.reading import Probe, Reading

SLUG = "clock"


def probe() -> Probe:
    """The one clock of the site."""
    return Probe(SLUG, Check.Kind.CLOCK, "Clock", look)


def look(at: datetime | None = None) -> Reading:
    """Judge the clock by its last ping; whoever has a database can."""
    at = at or timezone.now()
    ping = Ping.objects.filter(slug=turn.SLUG).first()
    if ping is None or ping.succeeded_at is None:
        return Reading(Check.State.NEW, "No clock has given a sign of life yet.")
    age = at - ping.succeeded_at
    detail = {
        "last_ping": ping.succeeded_at.isoformat(),
        "served": ping.started_at and ping.started_at.isoformat(),
        **_who(ping),
    }
    if age > turn.SILENT:
        words = f"No sign of life for {duration(age)}."
        since = ping.succeeded_at
        return Reading(Check.State.DOWN, words, detail, since=since)
    return Reading(Check.State.UP, f"last sign of life {duration(age)} ago", detail)


def _who(ping: Ping) -> dict[str, object]:
    """Which clock it was; one that ended in good order has left its place empty."""
    if not ping.by:
        return {"mode": "none"}
    holder = turn.Holder.named(ping.by)
    return {"mode": holder.mode, "host": holder.host, "pid": holder.pid}
