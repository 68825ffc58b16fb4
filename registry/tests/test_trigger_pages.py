"""Triggers in the browser: the list, the form, one of them, and its button."""

import re

import pytest
from django.urls import reverse
from django.utils.timezone import now

from registry.models import Retraining, Trigger
from registry.tests.labels import said, text
from registry.tests.run_rows import dataset_row, run_row
from registry.tests.triggered import NOON, told, trigger_row
from registry.triggers import save
from registry.triggers.evaluate import evaluate

pytestmark = pytest.mark.django_db
LIST = "/registry/triggers/"
FILLED = {
    "name": "New  labels",
    "model": "pulsar",
    "kind": "labels",
    "of": "number",
    "number": "30",
    "policy": "approve",
    "algorithm": "",
    "cool_down_hours": "12",
    "daily_cap": "2",
}


@pytest.fixture
def admin(client, person):
    client.force_login(person("admin", "ana"))
    return client


@pytest.fixture
def reader(client, person):
    client.force_login(person("researcher"))
    return client


def fields(answer) -> dict[str, list[str]]:
    """What the form refuses."""
    return {k: list(v) for k, v in answer.context["form"].errors.items()}


def test_where_there_is_none_the_page_says_what_one_is(admin):
    shown = text(admin.get(LIST))

    assert "There is no trigger yet." in shown
    assert f'href="{reverse("registry:trigger-new")}"' in shown


def test_who_may_not_make_one_is_told_who_does(reader):
    shown = text(reader.get(LIST))

    assert "An admin makes one." in shown
    assert reverse("registry:trigger-new") not in shown


def test_the_list_says_what_each_waits_for_and_how_it_was_last_looked_at(reader):
    trigger_row("labels", name="Labels", policy="auto")
    nightly = trigger_row("schedule", name="Nightly", since=NOON)
    trigger_row("button", name="Push", is_on=False)
    trigger_row("drift", name="Gone", removed_at=NOON)
    dataset_row()
    run_row()
    evaluate(nightly, now())
    lines = reader.get(LIST).context["lines"]

    assert [(line.trigger.name, line.words) for line in lines] == [
        ("Labels", "With 3 new labels"),
        ("Nightly", "At 03:00"),
        ("Push", "When somebody presses the button"),
    ]
    assert [line.last and line.last.outcome for line in lines] == [None, "fired", None]
    waits = [line.next and line.next > now() for line in lines]
    assert waits == [True, True, None]
    shown = text(reader.get(LIST))
    assert "pulsar: promote it if the gate lets it pass" in shown
    assert "have come, the last at" in shown
    assert "Switch off" not in shown
    assert shown.index("Removed") < shown.index("Gone")


def test_a_trigger_is_made_by_the_form(admin):
    answer = admin.post(f"{LIST}new/", FILLED)

    trigger = Trigger.objects.get()
    assert (answer.status_code, answer.url) == (302, trigger.get_absolute_url())
    assert (trigger.name, trigger.kind, trigger.policy) == (
        "New labels",
        "labels",
        "approve",
    )
    assert (trigger.condition, trigger.training) == ({"number": 30}, {})
    assert (trigger.cool_down_hours, trigger.daily_cap) == (12, 2)


@pytest.mark.parametrize(
    ("given", "condition"),
    [
        ({"kind": "button"}, {}),
        ({"kind": "dataset"}, {}),
        ({"kind": "schedule", "cron": " 0  3 * * MON "}, {"cron": "0 3 * * mon"}),
        ({"kind": "labels", "of": "share", "percent": "2.5"}, {"share": 0.025}),
        ({"kind": "drift", "state": "1", "minutes": "90"}, {"bound": 1, "minutes": 90}),
        ({"kind": "hit_rate", "below": "80", "audited": "50"}, {"bound": 0.8, "n": 50}),
    ],
)
def test_each_kind_has_its_condition_and_shows_it_again(admin, given, condition):
    admin.post(f"{LIST}new/", FILLED | given)

    trigger = Trigger.objects.get()
    assert (trigger.kind, trigger.condition) == (given["kind"], condition)
    again = admin.get(f"{LIST}{trigger.pk}/edit/").context["form"]
    names = [*FILLED, *given, "revision"]
    shown = {name: str(again[name].value() or "") for name in names}
    assert admin.post(f"{LIST}{trigger.pk}/edit/", shown).status_code == 302
    trigger.refresh_from_db()
    assert (trigger.kind, trigger.condition, trigger.policy) == (
        given["kind"],
        condition,
        "approve",
    )


def test_of_two_who_change_it_the_second_sees_the_first_and_may_save_over_it(admin):
    admin.post(f"{LIST}new/", FILLED)
    trigger = Trigger.objects.get()
    form = admin.get(f"{LIST}{trigger.pk}/edit/").context["form"]
    opened = FILLED | {"revision": form["revision"].value()}
    save.change(trigger, {"daily_cap": 9}, 1, by=trigger.by)

    refused = admin.post(f"{LIST}{trigger.pk}/edit/", opened | {"policy": "notify"})

    trigger.refresh_from_db()
    assert (refused.status_code, trigger.daily_cap, trigger.policy) == (
        *(409, 9, "approve"),
    )
    assert "Somebody has changed this trigger" in refused.content.decode()
    form = refused.context["form"]
    assert (form["policy"].value(), form["revision"].value()) == ("notify", "2")
    again = opened | {"policy": "notify", "revision": "2"}
    assert admin.post(f"{LIST}{trigger.pk}/edit/", again).status_code == 302
    trigger.refresh_from_db()
    assert (trigger.daily_cap, trigger.policy) == (int(FILLED["daily_cap"]), "notify")


def test_whoever_changes_what_was_just_removed_is_told_on_the_list(admin, monkeypatch):
    admin.post(f"{LIST}new/", FILLED)
    trigger = Trigger.objects.get()
    change = save.change

    def removed_first(*given: object, by: object) -> object:
        save.remove(trigger, by=by)
        return change(*given, by=by)

    monkeypatch.setattr(save, "change", removed_first)
    answer = admin.post(
        f"{LIST}{trigger.pk}/edit/", FILLED | {"daily_cap": 9}, follow=True
    )

    assert answer.redirect_chain == [(LIST, 302)]
    assert "Somebody has removed this trigger meanwhile." in answer.content.decode()


def test_how_it_trains_may_be_said(admin):
    how = {"algorithm": "logistic_regression", "split": "time", "recall": "0.95"}
    admin.post(f"{LIST}new/", FILLED | how)

    trigger = Trigger.objects.get()
    assert trigger.training == {
        "algorithm": "logistic_regression",
        "policy": "time",
        "recall": 0.95,
    }
    form = admin.get(f"{LIST}{trigger.pk}/edit/").context["form"]
    assert {name: str(form[name].value()) for name in how} == how
    assert form["policy"].value() == "approve"
    admin.post(f"{LIST}new/", FILLED | {"name": "Other"})
    other = Trigger.objects.latest("pk")
    form = admin.get(f"{LIST}{other.pk}/edit/").context["form"]
    assert [form[name].value() for name in how] == [None, "grouped", 0.92]


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"kind": "labels", "number": ""}, ["number"]),
        ({"kind": "labels", "of": "share", "percent": ""}, ["percent"]),
        ({"kind": "schedule", "cron": ""}, ["cron"]),
        ({"kind": "schedule", "cron": "61 * * * *", "number": "-1"}, ["cron"]),
        ({"kind": "drift", "state": "", "minutes": "0"}, ["state", "minutes"]),
        ({"kind": "hit_rate", "below": "101", "audited": ""}, ["below", "audited"]),
        ({"kind": "novel"}, ["kind"]),
        ({"cool_down_hours": "0", "daily_cap": "25"}, ["cool_down_hours", "daily_cap"]),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field(admin, given, errors):
    answer = admin.post(f"{LIST}new/", FILLED | given)

    assert (answer.status_code, sorted(fields(answer))) == (422, sorted(errors))
    assert not Trigger.objects.exists()


def test_a_name_that_is_there_already_is_refused(admin):
    trigger_row(name="new labels", removed_at=NOON)
    answer = admin.post(f"{LIST}new/", FILLED)

    words = "There is a trigger New labels already, or a removed one."
    assert fields(answer) == {"name": [words]}


def test_the_times_are_told_in_words_with_what_comes_next(admin):
    filled = FILLED | {"kind": "schedule", "cron": "30 2 * * *", "preview": "1"}
    alone = admin.post(f"{LIST}new/", filled, headers={"HX-Request": "true"})
    whole = admin.post(f"{LIST}new/", filled | {"name": ""})

    for answer in (alone, whole):
        assert answer.status_code == 200
        assert len(re.findall(r'<time datetime="[^"]+">\w{3} ', text(answer))) == 5
        assert "<strong>At 02:30</strong>" in text(answer)
    assert text(alone).startswith('<div id="preview"')
    assert 'value="30 2 * * *"' in text(whole)
    assert "Nothing is saved yet" not in text(whole)
    bad = admin.post(f"{LIST}new/", filled | {"cron": "x"})
    assert "Five fields are wanted" in text(bad)
    assert not Trigger.objects.exists()


def test_the_page_of_one_has_each_decision_with_its_reason(reader):
    trigger = trigger_row("labels", name="Labels")
    evaluate(trigger, NOON)
    shown = text(reader.get(trigger.get_absolute_url()))

    assert "There is no label that holds." in shown
    assert "Cannot retrain" in shown
    assert "It has not fired yet." in shown
    assert "Retrain now" not in shown


def test_the_button_starts_a_retraining_or_says_why_not(admin):
    dataset_row()
    trigger = trigger_row("button", name="Push")
    assert "Yes, retrain now" in text(admin.get(trigger.get_absolute_url()))
    address = reverse("registry:trigger-press", args=[trigger.pk])
    answer = admin.post(address)
    retraining = Retraining.objects.get()
    assert answer.url == retraining.get_absolute_url()

    again = admin.post(address)
    assert again.url == trigger.get_absolute_url()
    why = f"Retraining {retraining.pk} of pulsar is under way."
    assert said(again) == [f"Nothing was started. {why}"]
    assert told(trigger)[1:] == [("busy", why, 1)]
    trigger.is_on = False
    trigger.save()
    off = admin.post(address)
    assert said(off)[-1] == "Push is switched off: nothing was started."


def test_it_is_switched_where_it_is_seen(admin):
    trigger = trigger_row("labels")
    address = reverse("registry:trigger-switch", args=[trigger.pk])
    assert admin.post(address).url == LIST
    trigger.refresh_from_db()
    assert not trigger.is_on
    assert admin.post(address, {"on": "1", "here": "1"}).url == (
        trigger.get_absolute_url()
    )
    trigger.refresh_from_db()
    assert trigger.is_on


def test_it_is_removed_and_brought_back(admin):
    trigger = trigger_row("labels", name="Labels")
    answer = admin.post(reverse("registry:trigger-remove", args=[trigger.pk]))
    assert said(answer) == ["Labels is removed. Its retrainings stay."]
    for name in ("edit", "switch", "press", "remove"):
        gone = reverse(f"registry:trigger-{name}", args=[trigger.pk])
        assert admin.post(gone).status_code == 404
    assert "nothing looks at it" in text(admin.get(trigger.get_absolute_url()))

    admin.post(reverse("registry:trigger-restore", args=[trigger.pk]))
    trigger.refresh_from_db()
    assert trigger.removed_at is None


def test_of_many_decisions_a_page_at_a_time(reader):
    trigger = trigger_row("labels")
    rows = [
        trigger.decisions.model(
            trigger=trigger, at=NOON, last_at=NOON, outcome="not_due", reason=f"n{n}."
        )
        for n in range(51)
    ]
    trigger.decisions.bulk_create(rows)

    first = text(reader.get(trigger.get_absolute_url()))
    assert "n50." in first
    assert "n0." not in first
    assert "n0." in text(reader.get(f"{trigger.get_absolute_url()}?page=2"))
