"""declare(), sync(), watch(): jobs announce themselves."""

from datetime import timedelta

import pytest
from django.utils import timezone

from monitor import jobs
from monitor.models import Job, Outbox, Ping
from monitor.starts.watch import watch

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


COLUMNS = (
    "slug", "cron", "argv", "at_once", "page", "sweep",
    "start_within", "finish_within", "built_in",
)  # fmt: skip


@pytest.fixture
def declared(monkeypatch) -> None:
    monkeypatch.setattr(jobs, "declared", {})


def test_the_rows_are_what_the_apps_declare(declared):
    jobs.declare("old", cron="@daily", argv=["tick"], page="/old/")
    jobs.sync()
    jobs.declared.clear()
    jobs.declare(
        "seal",
        cron="17 * * * *",
        argv=["seal_cases"],
        page="/showroom/",
        at_once=["--now"],
    )
    jobs.declare(
        "sweep",
        cron="* * * * *",
        argv=["sweep", "--all"],
        page="/showroom/",
        sweep=True,
        start_within=60,
        finish_within=120,
    )
    for _ in range(2):
        jobs.sync()
        assert list(Job.objects.order_by("slug").values_list(*COLUMNS)) == [
            (
                "seal", "17 * * * *", ["seal_cases"], ["--now"],
                "/showroom/", False, 300, 3600, True,
            ),
            (
                "sweep", "* * * * *", ["sweep", "--all"], [],
                "/showroom/", True, 60, 120, True,
            ),
        ]  # fmt: skip


def test_at_new_times_nothing_was_expected_before(declared):
    long_ago = timezone.now() - timedelta(days=9)
    job = jobs.Declared(
        "0 * * * *", ("tick",), "/", sweep=False, start_within=60, finish_within=60
    )
    jobs.put("made", job)
    Job.objects.update(since=long_ago)
    jobs.put("made", job._replace(page="/elsewhere/", start_within=90))
    assert Job.objects.get().since == long_ago
    jobs.put("made", job._replace(cron="30 * * * *"))
    assert timezone.now() - Job.objects.get().since < timedelta(minutes=1)


def run(*, well: bool) -> None:
    with watch("sweep"):
        if not well:
            raise OSError("no disk")


def test_a_run_leaves_when_it_began_and_how_it_ended():
    run(well=True)
    ping = Ping.objects.get()
    assert (ping.slug, ping.failed_at, ping.failing, ping.detail) == (
        "sweep", None, False, "",
    )  # fmt: skip
    assert ping.started_at <= ping.succeeded_at
    assert 0 <= ping.duration < 5


@pytest.mark.django_db(transaction=True)  # it closes what broke
def test_a_failure_goes_on_its_way_and_is_told_once_until_it_is_over():
    for well in (True, False, False, False, True, True, False):
        if well:
            run(well=True)
        else:
            with pytest.raises(OSError, match="no disk"):
                run(well=False)
    ping = Ping.objects.get()
    assert (ping.failing, ping.detail) == (True, "OSError: no disk")
    assert [
        (row.kind, row.about, row.detail) for row in Outbox.objects.order_by("id")
    ] == [
        ("job.failed", "job sweep", {"error": "OSError: no disk"}),
        ("job.recovered", "job sweep", {}),
        ("job.failed", "job sweep", {"error": "OSError: no disk"}),
    ]
