"""Each start of a run is told to the monitor once, whoever works on it."""

from multiprocessing import RawValue

import pytest
from django.core.management import call_command

from dispatch.runs.line import take_place
from dispatch.schedules.announce import announce
from dispatch.tasks import execute_run
from dispatch.tests.conftest import begin
from monitor import ending
from monitor.models import Job, Ping, Start
from monitor.work import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def nightly(schedule):
    announce(schedule)
    return schedule


def starts() -> list[tuple]:
    rows = Start.objects.order_by("pk").exclude(ended_at=None)
    return list(rows.values_list("by", "outcome", "exit", "page"))


def page(run) -> str:
    return run.get_absolute_url()


def test_a_job_that_is_wanted_now_runs_beside_its_slots(nightly):
    assert Job.objects.get().at_once == ["--now"]


def test_the_clocks_own_run_is_one_start(nightly, capsys):
    call_command("dispatch_run", "nightly", "--now")
    run = nightly.runs.get()
    assert starts() == [("", "succeeded", 0, page(run))]
    assert not Ping.objects.get(slug="dispatch-nightly").failing


def test_a_run_that_a_person_wanted_at_once_is_that_persons(
    nightly, person, monkeypatch
):
    operator = person("operator")
    monkeypatch.setenv("PULSARSITE_STARTED_BY", str(operator.pk))
    call_command("dispatch_run", "nightly", "--now")
    run = nightly.runs.get()
    assert run.by == operator
    assert starts() == [(str(operator.pk), "succeeded", 0, page(run))]


def test_a_failed_run_ends_its_start_with_the_line_about_it(nightly, folder):
    nightly.retries = 0
    nightly.save()
    (folder / "sky.csv").write_text("prof_mean,prof_std\n1,2\n")
    with pytest.raises(SystemExit):
        call_command("dispatch_run", "nightly", "--now")
    run = nightly.runs.get()
    assert starts() == [("", "failed", 1, page(run))]
    assert "No row could be used" in Start.objects.get().detail


def test_a_refused_run_is_a_refused_start(nightly):
    begin(nightly)
    call_command("dispatch_run", "nightly", "--now")
    assert starts() == [("", "refused", 0, page(nightly.runs.latest("pk")))]
    assert Ping.objects.get(slug="dispatch-nightly").succeeded_at is None


def test_what_a_worker_does_is_a_start_of_its_own(nightly):
    run = begin(nightly)
    execute_run.apply([run.pk])
    assert starts() == [("a worker", "succeeded", 0, page(run))]


@pytest.mark.parametrize("retries", [0, 1])
def test_a_worker_whose_run_fails_says_so(nightly, folder, retries):
    nightly.retries = retries
    nightly.source |= {"folder": f"{folder}/no"}
    nightly.save()
    run = begin(nightly)
    execute_run.apply([run.pk])
    assert starts() == [("a worker", "failed", 1, page(run))]
    assert Ping.objects.get(slug="dispatch-nightly").failing


def test_a_worker_that_finds_no_place_has_not_started_it(nightly, settings):
    dispatch = settings.PULSAR.dispatch.model_copy(update={"max_parallel": 0})
    settings.PULSAR = settings.PULSAR.model_copy(update={"dispatch": dispatch})
    run = begin(nightly)
    assert not take_place(run)
    execute_run.apply([run.pk])
    assert not Start.objects.exists()


def test_what_is_handed_over_ends_here_without_a_verdict(nightly, at_part, monkeypatch):
    monkeypatch.setattr(ending, "_told", RawValue("b", 0))

    def end() -> None:
        ending._told.value = 1

    at_part(2, end)
    run = begin(nightly)
    execute_run.apply([run.pk])
    run.refresh_from_db()
    assert run.state == State.QUEUED
    assert starts() == [("a worker", "refused", 0, page(run))]
