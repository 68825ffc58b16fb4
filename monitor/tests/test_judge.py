"""judge(): the state of each job, and why."""

import os
import socket
from datetime import timedelta

import pytest

from monitor.crontab import lines
from monitor.models import Check, Flip, Job, Outbox, Ping, Sample, Skip, Start, Switch
from monitor.starts import process
from monitor.starts.vanished import VANISHED
from monitor.starts.watch import WORKER
from monitor.tests.debian_cron import at
from monitor.tests.machine import SECOND, Machine, check, job, ran, state

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

# A Sunday, in UTC as the clock of this test's jobs.
SLOT = at("2026-06-07 02:30")
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LONG_AGO = SLOT - timedelta(days=3)
NIGHT_BEFORE = SLOT - timedelta(days=1)
WELL = "Ended well at 2026-06-06 02:30 UTC, in 3.0 s."


@pytest.fixture
def machine(monkeypatch, settings) -> Machine:
    machine = Machine()
    machine.patch(monkeypatch)
    scheduler = settings.PULSAR.scheduler.model_copy(update={"zone": "UTC"})
    settings.PULSAR = settings.PULSAR.model_copy(update={"scheduler": scheduler})
    return machine


@pytest.fixture
def nightly(db) -> Job:
    """A job that ran the night before."""
    ran("prune", NIGHT_BEFORE)
    return job(since=LONG_AGO)


def works(slug: str = "prune", **values: object) -> Start:
    """A start whose process is this one."""
    here = {"host": process.here(), "pid": os.getpid(), "process_at": process.born()}
    return Start.objects.create(job=slug, **here | values)


def test_a_job_that_was_just_made_is_new(machine):
    job(since=SLOT)
    machine.judges(SLOT + MINUTE)
    assert state() == ("new", "Nothing was expected of it yet.")
    assert check().detail["next_slot"] == "2026-06-08T02:30:00.000000+00:00"
    assert check().detail["start_by"] == "2026-06-08T02:35:00.000000+00:00"


def test_a_moment_that_passes_is_waited_for_and_then_missed(machine, nightly):
    told = []
    for minutes in (-1, 0, 1, 5, 6, 60):
        machine.judges(SLOT + minutes * MINUTE + 3 * SECOND)
        told.append(state())
    assert told == [
        ("up", WELL),
        ("up", WELL),
        ("grace", "Should start by 2026-06-07 02:35 UTC."),
        ("down", "Should have started by 2026-06-07 02:35 UTC."),
        ("down", "Should have started by 2026-06-07 02:35 UTC."),
        ("down", "Should have started by 2026-06-07 02:35 UTC."),
    ]
    assert check().detail["missed"] == ["2026-06-07T02:30:00.000000+00:00"]
    assert check().detail["n_missed"] == 1
    assert check().since == SLOT
    ran("prune", SLOT + HOUR, by="7")
    machine.judges(SLOT + HOUR + MINUTE)
    assert state() == ("up", "Ended well at 2026-06-07 03:30 UTC, in 3.0 s.")
    flips = Flip.objects.order_by("pk").values_list("was", "state")
    assert list(flips) == [
        ("new", "up"), ("up", "grace"), ("grace", "down"), ("down", "up"),
    ]  # fmt: skip


def test_the_longest_that_nobody_served_decides_for_what_comes_often(machine):
    job(cron="* * * * *", since=SLOT)
    for minutes, expected in ((4, "grace"), (6, "grace"), (7, "down")):
        machine.judges(SLOT + minutes * MINUTE)
        assert state()[0] == expected
    assert check().detail["n_missed"] == 7


def test_what_works_is_started_and_shows_its_process(machine, nightly):
    start = works(at=SLOT + SECOND, page="/dispatch/runs/1/")
    machine.judges(SLOT + 50 * MINUTE)
    where = f"process {os.getpid()} on {socket.gethostname()}"
    assert state() == ("started", f"At work since 2026-06-07 02:30 UTC, {where}.")
    [running] = check().detail["running"]
    assert (running["start"], running["pid"], running["page"]) == (
        start.pk, os.getpid(), "/dispatch/runs/1/",
    )  # fmt: skip
    assert running["memory"] > 1_000_000
    assert check().detail["finish_by"] == "2026-06-07T03:30:01.000000+00:00"


def test_what_works_for_too_long_is_down(machine, nightly):
    works(at=SLOT)
    machine.judges(SLOT + 61 * MINUTE)
    assert state()[0] == "down"
    assert state()[1].startswith(
        "Runs for 1 h 01 min, should take at most 1 h 00 min. At work since "
    )
    assert check().since == SLOT + HOUR


def test_while_it_works_it_is_not_expected_to_start(machine):
    """The embedded clock starts no line whose last process is still at it."""
    job(cron="*/10 * * * *", since=LONG_AGO)
    start = works(at=SLOT)
    machine.judges(SLOT + 55 * MINUTE)
    assert state()[0] == "started"
    end = SLOT + 55 * MINUTE
    Start.objects.filter(pk=start.pk).update(
        ended_at=end, outcome="succeeded", exit=0, duration=3300
    )
    machine.judges(end + MINUTE)
    assert state()[0] == "up"


@pytest.mark.parametrize("outcome", ["refused", "succeeded"])
def test_a_refused_start_is_a_start(machine, nightly, outcome):
    ran("prune", SLOT + SECOND, outcome=outcome)
    machine.judges(SLOT + HOUR)
    assert state()[0] == "up"


def test_a_failure_stays_until_a_success(machine, nightly):
    ran("prune", SLOT, outcome="failed", exit=2, detail="OSError: no disk")
    machine.judges(SLOT + MINUTE)
    failed = "Its start at 2026-06-07 02:30 UTC failed (exit 2): OSError: no disk"
    assert state() == ("down", failed)
    assert check().since == SLOT + 3 * SECOND
    ran("prune", SLOT + HOUR, outcome="refused")
    machine.judges(SLOT + HOUR)
    assert state() == ("down", failed)
    again = works(at=SLOT + HOUR)
    machine.judges(SLOT + HOUR + MINUTE)
    assert state()[0] == "down"
    assert state()[1].startswith(f"{failed} At work since")
    Start.objects.filter(pk=again.pk).update(outcome="succeeded", ended_at=SLOT + HOUR)
    machine.judges(SLOT + HOUR + 2 * MINUTE)
    assert state()[0] == "up"
    assert [row.kind for row in Outbox.objects.order_by("pk")] == [
        "check.went_down",
        "check.recovered",
    ]


def test_a_job_that_is_at_work_whenever_it_is_looked_at_gets_well_too(machine):
    job(cron="* * * * *", since=SLOT)
    ran("prune", SLOT + MINUTE, outcome="failed", exit=1)
    found = []
    for minutes in (2, 3, 4, 5):
        start = works(at=SLOT + minutes * MINUTE)
        machine.judges(start.at + SECOND)
        found.append((state()[0], check().detail["well_since"]))
        ended = {"outcome": "succeeded", "ended_at": start.at + 30 * SECOND}
        Start.objects.filter(pk=start.pk).update(**ended)
    well = ("started", "2026-06-07T02:33:01.000000+00:00")
    assert found == [("down", ""), well, well, well]


def test_what_vanished_is_down_unless_a_worker_goes_on(machine, nightly):
    works(at=SLOT, pid=4_000_000)
    machine.judges(SLOT + MINUTE)
    assert state() == ("down", f"Its start at 2026-06-07 02:30 UTC failed: {VANISHED}")
    works(at=SLOT + 2 * MINUTE, by=WORKER)
    machine.judges(SLOT + 3 * MINUTE)
    assert state()[0] == "started"


def test_what_works_on_another_machine_is_believed(machine, nightly):
    works(at=SLOT, host="elsewhere", pid=4_000_000)
    machine.judges(SLOT + 59 * MINUTE)
    assert state()[0] == "started"
    machine.judges(SLOT + 61 * MINUTE)
    assert state()[0] == "down"
    ran("prune", SLOT + 70 * MINUTE)
    machine.judges(SLOT + 71 * MINUTE)
    assert state()[0] == "up"


def test_what_is_switched_off_is_paused_and_nothing_is_missed(machine, nightly, person):
    ana = person("operator", "ana")
    before = SLOT - MINUTE
    switched = {"job": "prune", "who": ana.pk}
    Switch.objects.create(**switched, at=before, on=False, reason="the disk")
    machine.judges(SLOT + HOUR)
    assert state() == ("paused", "Paused by ana: the disk")
    Switch.objects.create(**switched, at=SLOT + HOUR, on=True)
    machine.judges(SLOT + HOUR + MINUTE)
    assert state() == ("up", WELL)
    machine.judges(SLOT + timedelta(days=1, minutes=6))
    assert state()[0] == "down"


def test_a_moment_to_be_left_out_is_not_missed(machine, nightly):
    Skip.objects.create(job="prune", slot=SLOT, who="")
    machine.judges(SLOT + HOUR)
    assert state() == ("up", WELL)
    tomorrow = SLOT + timedelta(days=1)
    machine.judges(tomorrow + HOUR)
    assert check().detail["missed"] == ["2026-06-08T02:30:00.000000+00:00"]


def test_a_job_of_new_times_is_not_late_at_them(machine, nightly):
    machine.judges(SLOT - HOUR)
    Job.objects.update(cron="0 2 * * *", since=SLOT - MINUTE)
    machine.judges(SLOT)
    assert state() == ("up", WELL)
    assert check().detail["next_slot"] == "2026-06-08T02:00:00.000000+00:00"


def test_the_times_of_a_hand_edited_line_count(machine, nightly, storage):
    line = lines.wanted("prune").replace("30 2 * * *", "0 4 * * *")
    (storage / "crontab").write_text(f"{line}\n")
    Switch.objects.create(job="prune", on=True, at=SLOT - HOUR, who="hand edit")
    machine.judges(SLOT + HOUR)
    assert state() == ("up", WELL)
    assert check().detail["cron"] == "0 4 * * *"
    machine.judges(at("2026-06-07 04:06"))
    assert state()[0] == "down"


def test_a_clock_that_was_not_running_says_so_after_a_while(machine, nightly):
    machine.judges(SLOT - HOUR)
    back = SLOT + 8 * HOUR
    machine.boot = "b"
    machine.judges(back, 60)
    assert state() == ("grace", "Should start by 2026-06-07 10:35 UTC.")
    for minutes in range(1, 7):
        machine.judges(back + minutes * MINUTE, 60)
    words = "Not started at 2026-06-07 02:30 UTC: the clock was not running."
    assert state() == ("down", words)


def test_what_a_clock_makes_good_after_its_sleep_was_never_down(machine, nightly):
    machine.judges(SLOT - HOUR)
    back = SLOT + HOUR
    machine.judges(back, 7200)
    ran("prune", back)
    machine.judges(back + MINUTE, 60)
    assert [flip.state for flip in Flip.objects.order_by("pk")] == ["up", "grace", "up"]


def test_neither_sleep_nor_a_step_makes_a_run_longer(machine, nightly):
    machine.judges(SLOT - MINUTE)
    works(at=SLOT)
    machine.judges(SLOT + MINUTE, 120)
    machine.judges(SLOT + 8 * HOUR, 8 * 3600 - 60)
    assert state()[0] == "started"
    machine.judges(SLOT + 20 * HOUR, 60)
    assert state()[0] == "started"
    for minutes in range(1, 61):
        machine.passes(SLOT + 20 * HOUR + minutes * MINUTE)
    machine.judges(SLOT + 21 * HOUR, 0)
    assert state()[0] == "down"


def test_what_the_clock_leapt_over_is_not_missed(machine, nightly):
    machine.judges(SLOT - 10 * MINUTE)
    machine.judges(SLOT + 10 * MINUTE, 60)
    assert state() == ("up", WELL)
    machine.judges(SLOT + HOUR)
    assert state() == ("up", WELL)


def test_a_job_that_starts_too_often_is_up_with_a_warning(machine):
    job(cron="0 * * * *", since=LONG_AGO)
    for hours in range(11):
        ran("prune", SLOT.replace(minute=0, second=1) + hours * HOUR)
        ran("prune", SLOT.replace(minute=20) + hours * HOUR, by="7")
    end = SLOT + 10 * HOUR
    machine.judges(end)
    assert (state()[0], check().detail["too_frequent"]) == ("up", False)
    for minutes, often in ((1, False), (2, True)):
        ran("prune", end + minutes * MINUTE)
        machine.judges(end + minutes * MINUTE + SECOND)
        assert (state()[0], check().detail["too_frequent"]) == ("up", often)
    assert state()[1].startswith("It starts more often than its line says. Ended well")
    [sample] = Sample.objects.filter(name="job.too_frequent")
    assert (sample.value, sample.labels) == (1.0, {"job": "prune"})


def test_its_usual_range_is_that_of_its_last_good_runs(machine):
    job(since=LONG_AGO)
    for n in range(60):
        ran("prune", NIGHT_BEFORE + n * SECOND, took=n)
    ran("prune", NIGHT_BEFORE + 60 * SECOND, took=900, outcome="failed")
    machine.judges(SLOT)
    assert check().detail["usual"] == pytest.approx([12.45, 56.55])
    assert check().detail["exit"] == 0


def test_a_sweep_is_judged_by_its_ping(machine):
    job("sweep_runs", sweep=True)
    machine.judges(SLOT)
    assert state("sweep_runs") == ("new", "It has not ended yet.")
    Ping.objects.create(slug="sweep_runs", succeeded_at=SLOT, duration=0.25)
    machine.judges(SLOT + MINUTE)
    assert state("sweep_runs") == ("up", "Ended well, in 0.2 s.")
    machine.judges(SLOT + HOUR)
    assert state("sweep_runs") == ("down", "It ended last 1 h 00 min ago.")
    ping = Ping.objects.filter(slug="sweep_runs")
    ping.update(failing=True, failed_at=SLOT + HOUR, detail="OSError: no")
    machine.judges(SLOT + HOUR + MINUTE)
    assert state("sweep_runs") == ("down", "Its last run failed: OSError: no")


def test_what_is_no_job_any_more_has_no_check(machine, nightly):
    machine.judges(SLOT)
    assert Check.objects.filter(slug="job-prune").exists()
    nightly.delete()
    machine.judges(SLOT + MINUTE)
    assert not Check.objects.filter(kind="job").exists()


def test_what_is_as_it_was_needs_few_queries(machine, django_assert_max_num_queries):
    for n in range(20):
        job(f"job-{n}", "0 * * * *", since=LONG_AGO)
        ran(f"job-{n}", SLOT)
    machine.judges(SLOT + MINUTE)
    looked = Check.objects.filter(kind="job").values_list("looked_at", flat=True)
    assert set(looked) == {SLOT + MINUTE}
    with django_assert_max_num_queries(20):
        machine.judges(SLOT + 2 * MINUTE)
    assert set(looked.all()) == {SLOT + 2 * MINUTE}
    assert Flip.objects.count() == 20
