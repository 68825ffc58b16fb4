"""manage.py night_report: once a night, to whoever wants it."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connections

from monitor import jobs
from monitor.models import Channel, Delivery, Lease, Outbox, Start
from monitor.report import give_out as giving
from monitor.report.night import last
from monitor.report.write import write
from monitor.tests.test_report_sections import (  # noqa: F401  # a fixture too
    alert_row,
    by_utc,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("by_utc")]

NOW = datetime(2026, 11, 21, 8, 0, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def channel():
    """One that wants it, beside two that do not."""
    Channel.objects.create(name="other", kind="mail", address="b@example.org")
    wanted = {"kind": "mail", "address": "a@example.org", "night_report": True}
    Channel.objects.create(name="off", on=False, **wanted)
    return Channel.objects.create(name="nights", **wanted)


def give(*options: str) -> str:
    output = StringIO()
    call_command("night_report", *options, stdout=output)
    return output.getvalue()


def test_it_is_given_to_the_channels_that_want_it_and_told(channel):
    alert_row("archive", 2)

    assert give() == "night 2026-11-21: given to 1 channel\n"

    mail = Delivery.objects.get()
    assert (mail.channel, mail.what, mail.state) == (channel, "report", "queued")
    assert "Night report 2026-11-21: two things need you" in mail.subject
    assert mail.text.startswith("Two things need you:\n  - archive is down\n")
    event = Outbox.objects.get(kind="report.sent")
    assert (event.about, event.detail) == (
        "night 2026-11-21",
        {
            "channels": 1,
            "verdict": "Two things need you: archive is down; There is no champion.",
        },
    )


def test_a_second_start_of_the_same_night_sends_nothing_unless_again(channel, now):
    give()
    assert give() == (
        "It was given out at 2026-11-21 08:00 UTC. --again sends it once more.\n"
    )
    assert Delivery.objects.count() == 1
    give("--again")
    assert Delivery.objects.count() == 2
    now.move_to(NOW.replace(day=22))
    give()
    assert Delivery.objects.count() == 3
    assert Outbox.objects.filter(kind="report.sent").count() == 3


def test_a_night_long_ago_is_its_own_and_old_keys_go(channel, now):
    give()
    assert "night 2025-01-01: given to 1 channel" in give("--date", "2025-01-01")
    now.move_to(NOW.replace(year=2028))
    give()
    assert [lease.name for lease in Lease.objects.all()] == ["night report 2028-11-21"]


def test_what_fails_after_the_key_is_sent_the_next_time(channel, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(giving, "record", _broken)
        with pytest.raises(OSError, match="disk"):
            give()
    assert (Delivery.objects.count(), Lease.objects.count()) == (0, 0)
    assert give() == "night 2026-11-21: given to 1 channel\n"


def _broken(*_, **__):
    raise OSError("The disk is full.")


def test_if_no_channel_wants_it_nothing_is_sent_and_who_makes_one_gets_it():
    assert give() == "No channel wants the night report: nothing is sent.\n"
    assert not Outbox.objects.filter(kind="report.sent").exists()
    Channel.objects.create(name="n", kind="mail", address="a@b.c", night_report=True)
    assert give() == "night 2026-11-21: given to 1 channel\n"


def test_a_dry_run_shows_it_and_sends_nothing(channel):
    shown = give("--dry-run", "--date", "2026-11-20")
    assert shown.startswith("Night report 2026-11-20: one thing needs you\n\n")
    assert "2026-11-19 08:00 to 2026-11-20 08:00, " in shown
    assert Delivery.objects.count() == Start.objects.count() == 0


@pytest.mark.parametrize(
    ("date", "told"),
    [("2026-11-22", "not over yet"), ("2026-12-24", "has not begun")],
)
def test_a_night_that_is_not_over_is_refused(channel, date, told):
    with pytest.raises(CommandError, match=told):
        give("--date", date)


def test_its_start_is_kept_with_the_page_of_its_night(channel):
    jobs.sync()
    give()
    give()
    starts = Start.objects.order_by("pk").values_list("job", "outcome", "page")
    page = "/monitor/report/?date=2026-11-21"
    assert list(starts) == [
        ("night_report", "succeeded", page),
        ("night_report", "refused", page),
    ]


def test_the_mail_loads_nothing_and_its_links_are_whole_and_its_words_are_text(channel):
    alert_row("<script>alert(1)</script>", 2)
    report = write(last(NOW))
    html = giving.html_of(report)
    assert not re.search(r"<(script|img|link|iframe|object)", html)
    assert "@import" not in html
    assert "url(" not in html
    links = re.findall(r'(?:href|src)="([^"]*)"', html)
    assert links
    assert all(link.startswith("http://localhost:8000/") for link in links)
    assert f'href="{report.address}"' in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; is down</a></li>" in html


def test_a_program_is_told_the_same(channel):
    give()
    data = Delivery.objects.get().body["data"]
    assert data["night"] == "2026-11-21"
    assert data["url"] == "http://localhost:8000/monitor/report/?date=2026-11-21"
    assert [section["title"] for section in data["sections"]][:2] == [
        "Runs",
        "New candidates",
    ]


@pytest.mark.django_db(transaction=True)
def test_of_two_starts_at_once_one_gives_it_out(channel):
    together = threading.Barrier(2)

    def start(_: int) -> str:
        together.wait()
        try:
            return give()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(start, range(2)))

    assert said[0].startswith("It was given out at ")
    assert said[1] == "night 2026-11-21: given to 1 channel\n"
    assert Delivery.objects.count() == 1
