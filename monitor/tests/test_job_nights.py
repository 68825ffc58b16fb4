"""No job is called late by a night of DST, or by a clock that was put elsewhere."""

from datetime import UTC, timedelta

import pytest

from monitor.checks.late import late
from monitor.checks.record import Record
from monitor.clock.step import Unrest
from monitor.clock.wall import MINUTE
from monitor.models import Check, Flip, Job, Sample, Start
from monitor.tests import debian_cron
from monitor.tests.machine import SECOND, Machine, job, ran
from monitor.tests.nights import CRONS, NIGHTS, STEPS

QUIET = Unrest((), (), ())
# Of each minute in turn, so that every slot is looked at soon after it.
LOOK = timedelta(minutes=4)


def known(cron: str, since, last: Start | None) -> Record:
    job = Job(slug="a", cron=cron, start_within=60, finish_within=600)
    return Record(
        job, cron, since, None, "", last, last, last, [], frozenset(), {}, None
    )  # fmt: skip


@pytest.mark.parametrize("night", NIGHTS, ids=lambda night: night.name)
@pytest.mark.parametrize("cron", CRONS)
def test_no_night_makes_a_job_late(cron, night):
    slots = debian_cron.slots(cron, night.since, night.until, night.zone)
    at = night.since
    while at <= night.until:
        begun = [slot for slot in slots if slot <= at]
        last = Start(at=begun[-1], ended_at=begun[-1] + SECOND) if begun else None
        assert late(known(cron, night.since, last), QUIET, at, night.zone) is None
        at += LOOK


@pytest.mark.parametrize("night", NIGHTS, ids=lambda night: night.name)
@pytest.mark.parametrize("cron", CRONS)
def test_in_every_night_each_slot_is_awaited(cron, night):
    slots = debian_cron.slots(cron, night.since, night.until, night.zone)
    found = late(
        known(cron, night.since, None), QUIET, night.until + MINUTE, night.zone
    )
    assert (found.moments if found else []) == slots


@pytest.mark.django_db
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_no_step_of_the_clock_makes_a_job_late(step, monkeypatch):
    machine = Machine()
    machine.patch(monkeypatch)
    walls = [wall.replace(tzinfo=UTC) for wall in step.walls]
    jobs = {f"job-{n}": cron for n, cron in enumerate(CRONS)}
    for slug, cron in jobs.items():
        before = min(walls) - timedelta(days=9)
        job(slug, cron, since=before, start_within=120)
        ran(slug, before)
        ran(slug, walls[0])
    starts = {slug: set(step.debian(cron)) for slug, cron in jobs.items()}
    for n, wall in enumerate(walls):
        for slug, places in starts.items():
            if n in places:
                ran(slug, wall + SECOND)
        machine.passes(wall + 2 * SECOND)
        if n % 10 == 1:
            machine.judges(wall + 2 * SECOND, 0)
    assert set(Flip.objects.values_list("state", flat=True)) == {Check.State.UP}
    [sample] = Sample.objects.filter(name__startswith="clock.")
    assert sample.name == "clock.step"
    assert timedelta(seconds=sample.value) == step.by
