"""/api/v1/triggers and /api/v1/retrainings: what retrains by itself, and its end."""

import pytest
import time_machine

from registry.models import Retraining, Trigger
from registry.tests.labels import events
from registry.tests.run_rows import dataset_row, run_row
from registry.tests.test_trigger_retraining_page import (  # noqa: F401  # fixtures
    candidate,
    retraining,
    waiting,
)
from registry.tests.triggered import NOON, told, trigger_row
from registry.triggers.evaluate import evaluate

pytestmark = pytest.mark.django_db

URL, RETRAININGS = "/api/v1/triggers", "/api/v1/retrainings"


@pytest.fixture
def asking(caller):
    return caller("researcher")


@pytest.fixture
def admin(caller):
    return caller("admin", "ana")


def post(client, address, **sent):
    return client.post(address, sent, content_type="application/json")


def why(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["detail"]


def test_a_trigger_is_told_with_how_it_was_at_the_last_look(asking, person):
    with time_machine.travel(NOON, tick=False):
        trigger = trigger_row(
            "labels",
            name="Labels",
            policy="auto",
            training={"algorithm": "random_forest"},
            by=person("admin", "ana"),
        )
        trigger_row("drift", name="Gone", removed_at=NOON)
        evaluate(trigger, NOON)
        trigger.decisions.update(by=trigger.by)
        listed = asking.get(URL).json()
    decision = trigger.decisions.get()
    last = {
        "id": decision.pk,
        "at": "2026-06-01T12:00:00Z",
        "last_at": "2026-06-01T12:00:00Z",
        "n": 1,
        "outcome": "cannot",
        "reason": "There is no label that holds.",
        "figures": {},
        "by": "ana",
    }
    assert listed == [
        {
            "id": trigger.pk,
            "url": f"/registry/triggers/{trigger.pk}/",
            "name": "Labels",
            "model": "pulsar",
            "kind": "labels",
            "words": "With 3 new labels",
            "condition": {"number": 3},
            "is_on": True,
            "policy": "auto",
            "training": {"algorithm": "random_forest"},
            "cool_down_hours": 24,
            "daily_cap": 1,
            "revision": 1,
            "last": last,
            "next": "2026-06-01T12:01:00Z",
            "since": "2026-01-01T00:00:00Z",
            "evaluated_at": "2026-06-01T12:00:00Z",
            "fired_at": None,
            "removed_at": None,
            "created_at": "2026-06-01T12:00:00Z",
            "by": "ana",
        }
    ]
    with time_machine.travel(NOON, tick=False):
        assert asking.get(f"{URL}/{trigger.pk}").json() == listed[0]
        decisions = asking.get(f"{URL}/{trigger.pk}/decisions").json()
    assert decisions == {"previous": None, "next": None, "results": [last]}


CONDITIONS = [
    ("button", {}),
    ("dataset", {}),
    ("schedule", {"cron": "0 3 * * mon"}),
    ("labels", {"number": 30}),
    ("labels", {"share": 0.025}),
    ("drift", {"bound": 1, "minutes": 90}),
    ("hit_rate", {"bound": 0.8, "n": 50}),
]
LEARNING = {"algorithm": "logistic_regression", "policy": "time", "recall": 0.9}


@pytest.mark.parametrize(("kind", "condition"), CONDITIONS)
def test_a_trigger_is_made_as_it_is_told(admin, kind, condition):
    asked = {
        "name": "Mine",
        "model": "pulsar",
        "kind": kind,
        "condition": condition,
        "policy": "approve",
        "training": LEARNING,
        "cool_down_hours": 12,
        "daily_cap": 2,
    }
    answer = post(admin, URL, **asked)
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert {name: told[name] for name in asked} == asked
    assert (told["by"], told["is_on"], told["revision"]) == ("ana", True, 1)

    # What was read can be sent back.
    here = f"{URL}/{told['id']}"
    again = admin.put(here, told, content_type="application/json")
    assert (again.status_code, again.json()["revision"]) == (200, 1)
    usual = told | {"training": {}}
    for revision in (2, 2):
        again = admin.put(here, usual, content_type="application/json").json()
        assert (again["training"], again["revision"]) == ({}, revision)


def test_a_change_goes_over_nobody_elses(admin):
    trigger = trigger_row("labels", name="Mine")
    here = f"{URL}/{trigger.pk}"

    def change(**values):
        sent = {"name": "Mine", "kind": "button", "revision": 1} | values
        return admin.put(here, sent, content_type="application/json")

    changed = change(name="Push").json()
    wanted = {"name": "Push", "kind": "button", "condition": {}, "revision": 2}
    assert {name: changed[name] for name in wanted} == wanted
    status, words = why(change(name="Pull"))
    assert status == 409
    assert words.startswith("Somebody has changed this trigger since you opened it.")
    assert Trigger.objects.get().name == "Push"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"kind": "labels"}, "number"),
        ({"kind": "labels", "condition": {"share": 2}}, "share"),
        ({"kind": "labels", "condition": {"share": 1e308}}, "share"),
        ({"kind": "labels", "condition": {"number": 10**40}}, "number"),
        ({"kind": "schedule", "condition": {"cron": "at noon"}}, "cron"),
        ({"kind": "schedule", "condition": {"cron": "\0"}}, "cron"),
        ({"kind": "drift", "condition": {"bound": 3, "minutes": 1}}, "bound"),
        ({"kind": "drift", "condition": {"bound": 10**40, "minutes": 1}}, "bound"),
        ({"kind": "hit_rate", "condition": {"bound": 0.8}}, "n"),
        ({"kind": "hit_rate", "condition": {"bound": 10**40, "n": 1}}, "bound"),
        ({"kind": "moon"}, "kind"),
        ({"name": "Taken"}, "name"),
        ({"name": ""}, "name"),
        ({"model": "other"}, "model"),
        ({"training": LEARNING | {"recall": 2}}, "recall"),
        ({"daily_cap": 25}, "daily_cap"),
    ],
)
def test_what_is_no_trigger_is_refused(admin, sent, field):
    trigger_row(name="Taken")
    answer = post(admin, URL, **({"name": "Mine", "kind": "button"} | sent))
    assert answer.status_code == 422
    assert field in [one["loc"][-1] for one in answer.json()["errors"]]
    assert Trigger.objects.count() == 1


def test_a_trigger_is_switched_removed_and_brought_back(admin):
    trigger = trigger_row("labels")
    here = f"{URL}/{trigger.pk}"
    assert post(admin, f"{here}/switch", on=False).json()["is_on"] is False
    assert post(admin, f"{here}/switch", on=False).json()["is_on"] is False
    assert post(admin, f"{here}/switch").status_code == 422
    assert len(events("trigger.switched")) == 1

    gone = admin.delete(here)
    assert (gone.status_code, gone.content) == (204, b"")
    assert admin.get(URL).json() == []
    assert admin.get(here).json()["removed_at"] is not None
    for act in ("switch", "press"):
        assert post(admin, f"{here}/{act}", on=True).status_code == 404
    assert admin.delete(here).status_code == 404
    assert post(admin, f"{here}/restore").json()["removed_at"] is None
    assert Trigger.objects.get().is_on is False


def test_its_button_retrains_unless_something_holds_it_back(admin, mailbox):
    dataset_row()
    run_row()
    trigger = trigger_row()
    answer = post(admin, f"{URL}/{trigger.pk}/press")
    made = Retraining.objects.get()
    wanted = {
        "id": made.pk,
        "url": f"/registry/retrainings/{made.pk}/",
        "trigger": trigger.pk,
        "model": "pulsar",
        "policy": "notify",
        "stage": "freezing",
        "reason": "",
        "is_open": True,
        "fired_by": "ana pressed the button.",
        "build": None,
        "training": None,
        "version": None,
        "comparison": None,
        "by": None,
        "created_at": answer.json()["created_at"],
        "ended_at": None,
    }
    assert (answer.status_code, answer.json()) == (202, wanted)
    assert admin.get(f"{RETRAININGS}/{made.pk}").json() == wanted
    for asked, results in (
        ({}, [wanted]),
        ({"trigger": trigger.pk}, [wanted]),
        ({"trigger": trigger.pk + 1}, []),
        ({"stage": "freezing"}, [wanted]),
        ({"stage": "failed"}, []),
    ):
        assert admin.get(RETRAININGS, asked).json()["results"] == results, asked

    status, words = why(post(admin, f"{URL}/{trigger.pk}/press"))
    assert status == 409
    assert words == f"Nothing was started. {told(trigger)[-1][1]}"
    Trigger.objects.update(is_on=False)
    assert why(post(admin, f"{URL}/{trigger.pk}/press")) == (
        409,
        f"{trigger} is switched off: nothing was started.",
    )


def test_a_challenger_that_waits_is_approved(admin, waiting):  # noqa: F811
    here = f"{RETRAININGS}/{waiting.pk}"
    answer = post(admin, f"{here}/approve")
    assert answer.status_code == 200, answer.content
    after = answer.json()
    assert (after["stage"], after["by"], after["is_open"], after["reason"]) == (
        "promoted",
        "ana",
        False,
        f"{waiting.version} is in production.",
    )
    assert why(post(admin, f"{here}/approve")) == (
        409,
        f"{str(waiting).capitalize()} does not wait any more: promoted.",
    )


def test_or_declined_with_a_reason(admin, waiting):  # noqa: F811
    here = f"{RETRAININGS}/{waiting.pk}"
    assert why(post(admin, f"{here}/decline", reason=" ")) == (
        409,
        "Say why it is declined: others read it here.",
    )
    assert post(admin, f"{here}/decline").status_code == 422
    after = post(admin, f"{here}/decline", reason="Not now.").json()
    assert (after["stage"], after["reason"], after["by"]) == (
        "declined",
        "Not now.",
        "ana",
    )


@pytest.mark.parametrize("number", ["9", "9" * 40])
def test_what_is_not_there_is_not_found(admin, number):
    for address in (f"{URL}/{number}", f"{URL}/{number}/decisions"):
        assert admin.get(address).status_code == 404
    assert admin.get(f"{RETRAININGS}/{number}").status_code == 404
    assert post(admin, f"{RETRAININGS}/{number}/approve").status_code == 404


def test_researchers_read_and_admins_act(caller, waiting):  # noqa: F811
    here, one = f"{RETRAININGS}/{waiting.pk}", f"{URL}/{waiting.trigger_id}"
    for asking in (
        caller("researcher"),
        caller("operator"),
        caller("admin", read_only=True),
    ):
        assert asking.get(here).status_code == 200
        assert asking.get(one).status_code == 200
        for act in ("approve", "decline"):
            assert post(asking, f"{here}/{act}", reason="x").status_code == 403
        for act in ("switch", "press", "restore"):
            assert post(asking, f"{one}/{act}", on=False).status_code == 403
        assert asking.delete(one).status_code == 403
        assert asking.put(one).status_code == 403
        assert post(asking, URL).status_code == 403
    waiting.refresh_from_db()
    assert waiting.stage == "waiting"
