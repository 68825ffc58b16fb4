"""From the outbox into the log: in order, once each, whatever was interrupted."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from monitor.events import record
from monitor.leases import hold
from monitor.models import Event, Lease, Outbox
from monitor.pump import BATCH, pump

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


def happen(*numbers: int) -> None:
    for number in numbers:
        record("batch.scored", about=f"batch {number}")


def logged() -> list[str]:
    return [event.about for event in Event.objects.order_by("id")]


def test_events_arrive_in_order_and_leave_the_outbox():
    happen(1, 2, 3)
    waiting = list(Outbox.objects.order_by("id").values("uuid", "at", "kind", "about"))
    assert pump() == 3
    arrived = Event.objects.order_by("id").values("uuid", "at", "kind", "about")
    assert list(arrived) == waiting
    assert not Outbox.objects.exists()
    assert pump() == 0


def test_more_than_one_batch_is_moved_in_one_go():
    happen(*range(BATCH + 2))
    assert pump() == BATCH + 2
    assert logged() == [f"batch {n}" for n in range(BATCH + 2)]


def test_what_a_killed_pump_had_copied_is_not_copied_again():
    happen(1, 2, 3)
    row = Outbox.objects.order_by("id").first()
    Event.objects.create(uuid=row.uuid, at=row.at, kind=row.kind, about=row.about)
    pump()
    assert logged() == ["batch 1", "batch 2", "batch 3"]
    assert not Outbox.objects.exists()


def test_the_log_itself_refuses_a_second_copy():
    happen(1)
    row = Outbox.objects.get()
    Event.objects.create(uuid=row.uuid, kind=row.kind)
    with pytest.raises(IntegrityError), transaction.atomic("events"):
        Event.objects.create(uuid=row.uuid, kind=row.kind)


def test_a_second_pump_waits_for_its_turn():
    happen(1)
    with hold("pump", 60):
        assert pump() == 0
    assert pump() == 1


def test_the_lease_of_a_killed_pump_runs_out():
    happen(1)
    Lease.objects.create(
        name="pump", holder="killed", until=timezone.now() - timedelta(seconds=1)
    )
    assert pump() == 1


@pytest.mark.django_db(transaction=True)
def test_without_its_table_an_event_waits_and_says_so_in_one_line(caplog):
    happen(1)
    rename = "ALTER TABLE {} RENAME TO {}"
    with connections["events"].cursor() as cursor:
        cursor.execute(rename.format("monitor_event", "away"))
    try:
        assert pump() == 0
    finally:
        with connections["events"].cursor() as cursor:
            cursor.execute(rename.format("away", "monitor_event"))
    assert [line.name for line in caplog.records] == ["monitor.pump"]
    assert caplog.messages[0].startswith("Events wait for the event log: ")
    assert [row.about for row in Outbox.objects.all()] == ["batch 1"]
    assert pump() == 1
    assert logged() == ["batch 1"]
