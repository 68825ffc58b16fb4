"""trim(): once an hour the oldest rows go, and what is still needed stays."""

from datetime import timedelta

import pytest

from monitor import trim
from monitor.models import Alert, Channel, Check, Delivery, Flip, Start
from monitor.tests.debian_cron import at
from monitor.tests.machine import SECOND, ran

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

NOW = at("2026-06-07 02:37")
DAY = timedelta(days=1)


def flip(subject: Check, days: int, state: str) -> None:
    Flip.objects.create(subject=subject, at=NOW - days * DAY, was="new", state=state)


def test_starts_go_by_age_and_of_a_busy_job_by_their_number(monkeypatch):
    monkeypatch.setattr(trim, "MOST", 3)
    ran("prune", NOW - 91 * DAY)
    ran("prune", NOW - 89 * DAY)
    for n in range(5):
        ran("busy", NOW - n * SECOND)
    trim.trim(NOW + timedelta(minutes=1))
    assert Start.objects.count() == 7
    trim.trim(NOW)
    kept = Start.objects.order_by("at").values_list("job", "at")
    assert list(kept) == [
        ("prune", NOW - 89 * DAY),
        *(("busy", NOW - n * SECOND) for n in (2, 1, 0)),
    ]


def test_of_flips_the_last_of_each_check_stays():
    calm, busy = (
        Check.objects.create(slug=slug, kind="host", name=slug)
        for slug in ("calm", "busy")
    )
    for days, state in ((500, "down"), (450, "grace"), (450, "up")):
        flip(calm, days, state)
    for days, state in ((401, "up"), (399, "down")):
        flip(busy, days, state)
    trim.trim(NOW)
    kept = Flip.objects.order_by("pk").values_list("subject__slug", "state")
    assert list(kept) == [("calm", "up"), ("busy", "down")]


def test_messages_of_what_goes_on_and_those_that_wait_stay():
    channel = Channel.objects.create(name="All", kind="mail", address="a@example.org")
    given = {"severity": "warning", "begun_at": NOW - 95 * DAY}
    live = Alert.objects.create(cause="broker", **given)
    over = Alert.objects.create(cause="outbox", live=None, **given)

    def sent(subject: str, days: int, **values: object) -> None:
        made = {"created_at": NOW - days * DAY, "state": "sent", **values}
        Delivery.objects.create(channel=channel, subject=subject, **made)

    sent("of no alert", 91)
    sent("of one that is over", 91, alert=over)
    sent("younger", 89, alert=over)
    sent("of one that goes on", 91, alert=live)
    sent("waits", 91, state="queued")
    trim.trim(NOW)
    kept = Delivery.objects.order_by("pk").values_list("subject", flat=True)
    assert list(kept) == ["younger", "of one that goes on", "waits"]
    assert Alert.objects.count() == 2


def test_many_go_piece_by_piece(monkeypatch):
    monkeypatch.setattr(trim, "_AT_ONCE", 2)
    monkeypatch.setattr(trim, "_PIECES", 2)
    for days in range(100, 95, -1):
        ran("prune", NOW - days * DAY)
    trim.trim(NOW)
    assert [start.at for start in Start.objects.all()] == [NOW - 96 * DAY]
