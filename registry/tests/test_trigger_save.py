"""A trigger is made, changed, switched, taken away and brought back, on record."""

from datetime import timedelta

import pytest
import time_machine

from registry.errors import CannotTrigger
from registry.models import Trigger
from registry.tests.labels import events
from registry.tests.triggered import EVER, NOON, trigger_row
from registry.triggers import save

pytestmark = [pytest.mark.django_db, pytest.mark.engines]
VALUES = {
    "name": "nightly",
    "model": "pulsar",
    "kind": "schedule",
    "policy": "approve",
    "condition": {"cron": "0 3 * * *"},
    "training": {},
    "cool_down_hours": 48,
    "daily_cap": 2,
}
KINDS = ("created", "changed", "switched", "removed", "restored")


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def ana(person):
    return person("admin", "ana")


def told() -> list[tuple[str, str, dict]]:
    found = events(*(f"trigger.{kind}" for kind in KINDS))
    return [(kind, about, detail) for kind, about, _, detail in found]


def test_what_came_before_it_was_made_is_no_reason(ana):
    trigger = save.create(VALUES, by=ana)

    trigger.refresh_from_db()
    assert {name: getattr(trigger, name) for name in VALUES} == VALUES
    assert (trigger.by, trigger.since, trigger.is_on) == (ana, NOON, True)
    detail = {
        "model": "pulsar",
        "fires": "At 03:00",
        "policy": "approve",
        "cool_down_hours": 48,
        "daily_cap": 2,
    }
    assert told() == [("trigger.created", "trigger nightly", detail)]


def test_a_name_is_taken_once(ana):
    save.create(VALUES, by=ana)
    other = trigger_row()
    with pytest.raises(CannotTrigger, match="There is a trigger nightly already"):
        save.create(VALUES, by=ana)
    with pytest.raises(CannotTrigger, match="There is a trigger nightly already"):
        save.change(other, VALUES, 1, by=ana)
    assert len(told()) == 1


def test_with_another_reason_it_begins_anew_with_another_policy_it_does_not(ana):
    trigger = trigger_row(
        "schedule", **{k: VALUES[k] for k in VALUES if k not in ("kind", "condition")}
    )
    assert save.change(trigger, VALUES, 1, by=ana) == []
    assert save.change(trigger, VALUES | {"policy": "auto"}, 1, by=ana) == ["policy"]
    trigger.refresh_from_db()
    assert (trigger.policy, trigger.since) == ("auto", EVER)
    moved = {"policy": "auto", "condition": {"cron": "0 4 * * *"}}
    assert save.change(trigger, VALUES | moved, 2, by=ana) == ["condition"]

    trigger.refresh_from_db()
    assert trigger.since == NOON
    changes = [(kind, detail["changed"]) for kind, _, detail in told()]
    assert changes == [
        ("trigger.changed", ["policy"]),
        ("trigger.changed", ["condition"]),
    ]


def test_switched_on_again_what_came_meanwhile_is_no_reason(ana):
    trigger = trigger_row("schedule", name="nightly")
    save.switch(trigger, on=True, by=ana)
    assert told() == []
    save.switch(trigger, on=False, by=ana)
    save.switch(trigger, on=False, by=ana)
    trigger.refresh_from_db()
    assert (trigger.is_on, trigger.since) == (False, EVER)
    save.switch(trigger, on=True, by=ana)

    trigger.refresh_from_db()
    assert (trigger.is_on, trigger.since) == (True, NOON)
    assert told() == [
        ("trigger.switched", "trigger nightly", {"switched": "off"}),
        ("trigger.switched", "trigger nightly", {"switched": "on"}),
    ]


def test_removed_it_is_neither_changed_nor_switched_and_comes_back_as_it_was(ana):
    trigger = trigger_row("schedule", name="nightly", is_on=False)
    save.remove(trigger, by=ana)
    save.remove(trigger, by=ana)
    save.switch(trigger, on=True, by=ana)
    with pytest.raises(CannotTrigger, match="Somebody has removed this trigger"):
        save.change(trigger, VALUES, 1, by=ana)
    trigger.refresh_from_db()
    assert (trigger.removed_at, trigger.is_on) == (NOON, False)

    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        save.restore(trigger, by=ana)
        save.restore(trigger, by=ana)
    trigger.refresh_from_db()
    assert (trigger.removed_at, trigger.is_on) == (None, False)
    assert trigger.since == NOON + timedelta(days=1)
    assert told() == [
        ("trigger.removed", "trigger nightly", {}),
        ("trigger.restored", "trigger nightly", {}),
    ]
    assert Trigger.objects.count() == 1
