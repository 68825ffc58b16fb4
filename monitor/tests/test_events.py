"""record(): what comes in, and that nothing can spoil the log."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from monitor import logs
from monitor.events import LONGEST, record
from monitor.models import AppendOnly, Event, Outbox
from monitor.pump import pump

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


def only(rows) -> dict:
    row = rows.get()
    names = ("kind", "about", "who", "detail", "request_id")
    return {name: getattr(row, name) for name in names}


def test_an_event_holds_who_what_and_the_request_it_came_with():
    ana = get_user_model().objects.create_user("ana")
    with logs.request("abc-123"):
        record("batch.scored", about="batch 7", who=ana, rows=3, state="success")
    assert only(Outbox.objects) == {
        "kind": "batch.scored",
        "about": "batch 7",
        "who": str(ana.pk),
        "detail": {"rows": 3, "state": "success"},
        "request_id": "abc-123",
    }


@pytest.mark.parametrize(
    ("who", "stored"), [(None, ""), (17, "17"), (AnonymousUser(), "")]
)
def test_who_may_be_a_number_or_nobody(who, stored):
    record("batch.failed", who=who)
    assert Outbox.objects.get().who == stored


def test_an_unknown_kind_is_a_mistake_of_the_programmer():
    with pytest.raises(KeyError, match=r"batch\.eaten"):
        record("batch.eaten")
    assert not Outbox.objects.exists()


def test_what_is_rolled_back_has_not_happened():
    with transaction.atomic():
        record("batch.scored", about="batch 7")
        transaction.set_rollback(True)
    assert not Outbox.objects.exists()


def test_text_of_four_bytes_arrives_in_the_log_as_it_was():
    record("batch.failed", about="batch 😀", who="😀", why="𝛼😀", deep={"😀": ["😀"]})
    pump()
    assert only(Event.objects) == {
        "kind": "batch.failed",
        "about": "batch 😀",
        "who": "😀",
        "detail": {"why": "𝛼😀", "deep": {"😀": ["😀"]}},
        "request_id": "",
    }


def test_what_no_database_would_take_is_made_fit():
    record(
        "batch.failed",
        about="a\0b" + "x" * 300,
        file="caf\udce9.csv",
        files=["\udce9"],
        score=float("nan"),
        long="y" * 3000,
        error=ValueError("odd"),
    )
    pump()
    row = only(Event.objects)
    assert row["about"] == "a\ufffdb" + "x" * 197
    assert row["detail"] == {
        "file": "caf?.csv",
        "files": ["?"],
        "score": "NaN",
        "long": "y" * (LONGEST - 1) + "…",
        "error": "odd",
    }


def test_the_log_is_added_to_and_never_changed():
    record("batch.scored", about="batch 7")
    pump()
    event = Event.objects.get()
    event.about = "batch 8"
    for change in (
        event.save,
        event.delete,
        Event.objects.all().delete,
        lambda: Event.objects.update(about="batch 8"),
        lambda: Event.objects.bulk_update([event], ["about"]),
    ):
        with pytest.raises(AppendOnly):
            change()
    assert Event.objects.get().about == "batch 7"
