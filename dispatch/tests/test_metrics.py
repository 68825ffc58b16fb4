"""What runs leave in the figures of the Monitor, and what machines read of them."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils.timezone import now
from prometheus_client.parser import text_string_to_metric_families

from dispatch.models import Run
from dispatch.runs.cancel import cancel
from dispatch.tests.conftest import begin, go
from monitor.metrics.exposition import exposition
from monitor.models import Sample
from monitor.work import State

pytestmark = pytest.mark.django_db


def told() -> dict[tuple, float]:
    return {
        (sample.name.removeprefix("pulsarsite_dispatch_"), *sample.labels.values()): (
            sample.value
        )
        for family in text_string_to_metric_families(exposition().decode())
        for sample in family.samples
        if "dispatch" in sample.name
    }


def test_a_run_puts_down_what_it_read_and_passed_on(schedule, folder):
    table = folder / "sky.csv"
    lines = table.read_text().splitlines()
    lines[1] = "," + lines[1].partition(",")[2]
    lines[2] = "many," + lines[2].partition(",")[2]
    table.write_text("\n".join(lines))
    run = go(begin(schedule))
    assert (run.state, run.n_rows, run.n_rejected) == (State.SUCCESS, 40, 2)
    put = Sample.objects.filter(name__startswith="run.")
    assert {(s.name, s.value, s.labels["schedule"], s.at) for s in put} == {
        ("run.rows_in", 40, "nightly", run.finished_at),
        ("run.rows_out", 38, "nightly", run.finished_at),
        ("run.reject_share", 0.05, "nightly", run.finished_at),
        ("run.null_share", 0.025, "nightly", run.finished_at),
    }


def test_every_end_of_a_run_is_counted_once_however_it_came(
    schedule_over, folder, person, settings
):
    operator = person("operator")
    go(begin(schedule_over("well")))
    cancelled = begin(schedule_over("stopped"))
    cancel(cancelled, operator)
    cancel(cancelled, operator)
    refused = schedule_over("twice")
    begin(refused)
    assert begin(refused).state == State.SKIPPED
    dead = begin(schedule_over("dead"))
    Run.objects.filter(pk=dead.pk).update(
        state=State.RUNNING,
        attempts=settings.PULSAR.scheduler.max_attempts,
        lease_until=now() - timedelta(seconds=1),
        sent_at=now(),
    )
    call_command("sweep_runs")
    call_command("sweep_runs")
    well = Run.objects.get(schedule__slug="well")
    assert told() == {
        ("runs_total", "dead", "failed"): 1,
        ("runs_total", "stopped", "cancelled"): 1,
        ("runs_total", "twice", "skipped"): 1,
        ("runs_total", "well", "success"): 1,
        ("last_success_timestamp_seconds", "well"): pytest.approx(
            well.finished_at.timestamp()
        ),
        ("running",): 0,
    }


def test_runs_at_work_are_told(schedule):
    run = begin(schedule)
    Run.objects.filter(pk=run.pk).update(state=State.RUNNING)
    assert told()["running",] == 1


def test_what_was_counted_stays_when_the_runs_are_gone(schedule, folder):
    go(begin(schedule))
    Run.objects.all().delete()
    assert told()["runs_total", "nightly", "success"] == 1
