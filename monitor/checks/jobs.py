"""How the jobs are: each judged by its line, its switch and its starts."""

from datetime import datetime
from zoneinfo import ZoneInfo

from monitor.checks.detail import detail
from monitor.checks.keep import keep
from monitor.checks.late import late
from monitor.checks.learnt import learnt
from monitor.checks.record import Record, records
from monitor.checks.sweeps import sweeps
from monitor.checks.verdict import verdict
from monitor.checks.well import KEY, well_since
from monitor.clock import step
from monitor.clock.cron import clock_zone
from monitor.clock.step import Unrest
from monitor.figures import samples
from monitor.probes.reading import Reading

FREQUENT = "job.too_frequent"
OFTEN = "It starts more often than its line says."


def judge(at: datetime) -> None:
    """Look at all jobs, and keep how each is."""
    step.note(at)
    zone, unrest = clock_zone(), step.unrest()
    found = {}
    for record in records(at):
        found[record.job.slug] = reading = _reading(record, unrest, at, zone)
        _measure(record, reading, at)
    keep(found | sweeps(at), at)


def _reading(of: Record, unrest: Unrest, at: datetime, zone: ZoneInfo) -> Reading:
    missing = None if of.paused else late(of, unrest, at, zone)
    past = learnt(of, unrest, at, zone)
    state, summary, since = verdict(of, missing, unrest, at)
    if past["too_frequent"]:
        summary = f"{OFTEN} {summary}"
    found = detail(of, missing, past) | {KEY: well_since(of, state, at)}
    return Reading(state, summary[:300], found, since=since)


def _measure(of: Record, reading: Reading, at: datetime) -> None:
    """Put down that it starts too often, and once that this is over."""
    often = reading.detail["too_frequent"]
    if often or of.before.get("too_frequent"):
        samples.put(FREQUENT, float(often), at=at, job=of.job.slug)
