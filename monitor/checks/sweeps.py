"""How the tick and its sweeps are, each minute or more often: by their pings."""

from datetime import datetime, timedelta

from accounts.templatetags.times import duration
from monitor.checks.learnt import iso
from monitor.models import Check, Job, Ping
from monitor.probes.reading import Reading

State = Check.State
# It comes each minute; it may be long at work once.
SILENT = timedelta(minutes=10)


def sweeps(at: datetime) -> dict[str, Reading]:
    """How each of them is, by its name."""
    slugs = list(Job.objects.filter(sweep=True).values_list("slug", flat=True))
    pings = {ping.slug: ping for ping in Ping.objects.filter(slug__in=slugs)}
    return {slug: _reading(pings.get(slug), at) for slug in slugs}


def sign(slug: str, at: datetime) -> Reading:
    """How one of them is, by its last sign of life."""
    return _reading(Ping.objects.filter(slug=slug).first(), at)


def _reading(ping: Ping | None, at: datetime) -> Reading:
    ends = [ping.succeeded_at, ping.failed_at] if ping else []
    end = max((moment for moment in ends if moment), default=None)
    if ping is None or end is None:
        return Reading(State.NEW, "It has not ended yet.")
    detail = {
        "last_start": iso(ping.started_at),
        "last_success": iso(ping.succeeded_at),
        "duration": ping.duration,
        "error": ping.detail,
    }
    if ping.failing:
        return Reading(State.DOWN, f"Its last run failed: {ping.detail}", detail)
    if at - end > SILENT:
        return Reading(State.DOWN, f"It ended last {duration(at - end)} ago.", detail)
    return Reading(State.UP, f"Ended well, in {duration(ping.duration)}.", detail)
