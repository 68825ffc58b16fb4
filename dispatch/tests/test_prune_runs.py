"""Logs of runs go when retention gives them up; those of open runs never do."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils.timezone import now

from dispatch.models import Run
from dispatch.runs.tail import folder, path
from dispatch.tests.rows import run_row, schedule_row
from monitor import jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def logged(storage):
    """Make runs that ended so many days ago, each with a log of 1,000 bytes."""
    schedule = schedule_row()
    folder().mkdir()

    def make(days: float | None) -> Run:
        ended = None if days is None else now() - timedelta(days=days)
        state = "success" if ended else "up_for_retry"
        run = run_row(schedule, state, finished_at=ended)
        path(run).write_bytes(b"x" * 1_000)
        return run

    return make


def there() -> list[Path]:
    return sorted(folder().iterdir())


def test_logs_of_runs_that_ended_long_ago_go_and_their_runs_stay(logged, capsys):
    old, young, waiting = logged(91), logged(89), logged(None)
    Run.objects.filter(pk=waiting.pk).update(created_at=now() - timedelta(days=365))
    other = folder() / "notes.txt"
    other.write_text("mine")
    call_command("prune_runs")

    assert capsys.readouterr().out == "logs of runs removed: 1, 1000 bytes\n"
    assert there() == sorted([path(young), path(waiting), other])
    assert Run.objects.filter(pk=old.pk).exists()


def test_beyond_its_bytes_the_oldest_go(logged, keep, capsys):
    runs = [logged(days) for days in (3, 1, 2)]
    keep(logs={"days": 0, "bytes": 2_000})
    call_command("prune_runs")

    assert there() == [path(runs[1]), path(runs[2])]
    assert capsys.readouterr().out == "logs of runs removed: 1, 1000 bytes\n"


def test_a_log_whose_run_is_gone_goes_by_its_own_time(logged, time_machine):
    run = logged(1)
    Run.objects.all().delete()
    call_command("prune_runs")
    assert there() == [path(run)]

    time_machine.move_to(now() + timedelta(days=91))
    call_command("prune_runs")
    assert there() == []


def test_it_is_done_every_hour_and_where_nothing_ever_ran(storage, capsys):
    assert settings.PULSAR.retention.logs.days == 90
    assert jobs.declared["prune_runs"].cron == "40 * * * *"
    call_command("prune_runs")
    assert capsys.readouterr().out == "logs of runs removed: 0, 0 bytes\n"
