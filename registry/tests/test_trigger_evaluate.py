"""One look at a trigger: it fires, or says what keeps it from firing."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError

from monitor.figures import samples
from registry.errors import CannotTrigger
from registry.models import Dataset, Decision, Retraining, Trigger
from registry.tests.labels import events
from registry.tests.run_rows import dataset_row
from registry.tests.triggered import NOON, stages, told, trigger_row
from registry.triggers import fire as firing
from registry.triggers.evaluate import evaluate, evaluate_all, press
from registry.triggers.fire import fire
from registry.triggers.look import Look, fires

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_berlin")]
THREE = datetime(2026, 6, 2, 1, 0, 20, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def in_berlin(reconfigured):
    """A clock that is changed twice a year, and something to learn from."""
    reconfigured("scheduler", zone="Europe/Berlin")
    dataset_row()


@pytest.fixture
def nightly() -> Trigger:
    """At three in the morning, at most once in 24 hours and once a day."""
    return trigger_row("schedule", name="nightly", since=NOON)


def looked(trigger: Trigger, at: datetime) -> tuple[str, str] | None:
    """How a look at this moment ends; what it starts is over at once."""
    decision = evaluate(Trigger.objects.get(pk=trigger.pk), at)
    Retraining.objects.update(open=None)
    return decision and (str(decision.outcome), decision.reason)


def test_it_fires_once_for_its_moment_and_all_of_it_is_on_record(nightly):
    (decision,) = evaluate_all(THREE)

    nightly.refresh_from_db()
    assert (decision.trigger, decision.at) == (nightly, THREE)
    assert told(nightly) == [("fired", "2026-06-02 03:00 CEST has come.", 1)]
    assert nightly.evaluated_at == THREE
    assert nightly.fired_at == THREE.replace(second=0)
    retraining = Retraining.objects.get()
    assert (retraining.trigger, retraining.decision) == (nightly, decision)
    assert (retraining.model, retraining.policy) == ("pulsar", "notify")
    assert stages() == [("freezing", "", True)]
    assert events("retraining.started") == [
        (
            "retraining.started",
            str(retraining),
            "",
            {
                "trigger": "nightly",
                "reason": "2026-06-02 03:00 CEST has come.",
                "policy": "notify",
            },
        )
    ]


def test_it_is_looked_at_once_a_minute(nightly):
    at = NOON + timedelta(minutes=1)
    for second in (0, 10, 59):
        evaluate_all(at + timedelta(seconds=second))
    words = "The next moment is 2026-06-02 03:00 CEST."
    assert told(nightly) == [("not_due", words, 1)]

    evaluate_all(at + timedelta(minutes=1))
    assert told(nightly) == [("not_due", words, 2)]
    decision = Decision.objects.get()
    assert (decision.at, decision.last_at) == (at, at + timedelta(minutes=1))


def test_after_the_clock_was_put_back_it_is_looked_at_all_the_same(nightly):
    looked(nightly, NOON + DAY)
    looked(nightly, NOON)

    assert [outcome for outcome, *_ in told(nightly)] == ["fired", "not_due"]


def test_what_is_off_removed_or_a_button_is_not_looked_at(nightly):
    Trigger.objects.update(is_on=False)
    trigger_row("schedule", removed_at=NOON)
    trigger_row("button")

    assert evaluate_all(THREE) == []
    assert evaluate(nightly, THREE) is None
    assert not Decision.objects.exists()


def test_each_night_it_fires_though_one_has_23_hours_and_looks_come_late(nightly):
    Trigger.objects.update(since=datetime(2026, 3, 27, 12, tzinfo=UTC))
    three = [
        datetime(2026, 3, 28, 2, 0, 50, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 0, 10, tzinfo=UTC),
        datetime(2026, 3, 30, 1, 5, tzinfo=UTC),
        datetime(2026, 3, 31, 1, 0, 5, tzinfo=UTC),
    ]

    assert [looked(nightly, at) for at in three] == [
        ("fired", "2026-03-28 03:00 CET has come."),
        ("fired", "2026-03-29 03:00 CEST has come."),
        ("fired", "2026-03-30 03:00 CEST has come."),
        ("fired", "2026-03-31 03:00 CEST has come."),
    ]


def test_what_the_gap_of_a_night_made_later_does_not_cool_the_next_night(nightly):
    since = datetime(2026, 3, 28, 12, tzinfo=UTC)
    Trigger.objects.update(since=since, condition={"cron": "0 2 * * *"})
    nights = [
        datetime(2026, 3, 29, 1, 0, 7, tzinfo=UTC),
        datetime(2026, 3, 30, 0, 0, 7, tzinfo=UTC),
    ]

    assert [looked(nightly, at)[0] for at in nights] == ["fired", "fired"]


def test_while_it_cools_down_moments_pass(nightly):
    Trigger.objects.update(condition={"cron": "0 * * * *"}, cool_down_hours=2)
    hours = [THREE + timedelta(hours=n) for n in range(3)]

    looks = [looked(nightly, at) for at in hours]
    words = "It fired 2026-06-02 03:00 CEST and cools down until 2026-06-02 05:00 CEST."
    assert looks[:2] == [
        ("fired", "13 moments have come, the last at 2026-06-02 03:00 CEST."),
        ("cooling", words),
    ]
    assert looks[2][0] == "capped"


def test_one_that_was_served_late_cools_down_from_then_on(nightly):
    late = THREE + timedelta(hours=6)

    assert looked(nightly, late)[0] == "fired"
    nightly.refresh_from_db()
    assert nightly.fired_at == late
    assert looked(nightly, THREE + DAY)[0] == "cooling"


def test_a_clock_that_was_years_ahead_does_not_cool_it_for_years(nightly):
    ahead = datetime(2036, 1, 1, tzinfo=UTC)
    Trigger.objects.update(fired_at=ahead, evaluated_at=ahead)

    assert looked(nightly, THREE)[0] == "fired"


def test_the_daily_cap_is_of_the_day_that_the_clock_shows(nightly):
    Trigger.objects.update(condition={"cron": "0 * * * *"}, cool_down_hours=1)
    words = "It has fired once today, and may not more often."
    before = datetime(2026, 6, 2, 21, 0, 5, tzinfo=UTC)

    assert looked(nightly, before)[0] == "fired"
    Trigger.objects.update(fired_at=None)
    # In UTC it is the same day.
    assert looked(nightly, before + timedelta(minutes=59)) == (
        "not_due",
        "The next moment is 2026-06-03 00:00 CEST.",
    )
    assert looked(nightly, before + timedelta(hours=1))[0] == "fired"
    assert looked(nightly, before + timedelta(hours=2)) == ("capped", words)


def test_all_triggers_together_have_a_cap_of_their_own(nightly, reconfigured):
    reconfigured("triggers", max_per_day=1)
    other = trigger_row("schedule", since=NOON)

    assert looked(nightly, THREE)[0] == "fired"
    words = "All triggers together may fire once a day (triggers.max_per_day)."
    assert looked(other, THREE) == ("capped", words)


def test_while_a_retraining_of_the_model_is_open_none_is_begun(nightly):
    other = trigger_row("schedule", since=NOON, model="other")
    second = trigger_row("schedule", since=NOON)
    evaluate_all(THREE)

    retraining = Retraining.objects.first()
    words = f"Retraining {retraining.pk} of pulsar is under way."
    assert told(second) == [("busy", words, 1)]
    assert told(other)[0][0] == "fired"

    Retraining.objects.update(stage="waiting")
    Trigger.objects.update(fired_at=None)
    evaluate_all(THREE + DAY)
    words = f"Retraining {retraining.pk} of pulsar waits for an admin."
    assert told(second)[1:] == [("busy", words, 1)]


@pytest.mark.parametrize("name", ["batch.reject_share", "run.reject_share"])
def test_rejects_in_the_last_input_are_its_fault_and_no_reason(nightly, name):
    samples.put(name, 0.05, at=THREE - timedelta(minutes=9), source="upload")
    samples.put(name, 0.5, at=THREE - timedelta(minutes=5), source="upload")
    which = name.partition(".")[0]
    words = (
        f"In the last {which} 50% of the rows were rejected, more than 20%: "
        "the input is at fault, not the model."
    )
    assert looked(nightly, THREE) == ("environment", words)
    assert looked(nightly, THREE + timedelta(minutes=1)) == ("environment", words)
    assert told(nightly) == [("environment", words, 2)]

    samples.put(name, 0.2, at=THREE + timedelta(minutes=2), source="upload")
    assert looked(nightly, THREE + timedelta(minutes=2))[0] == "fired"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("input.schema_changes", "its columns have changed"),
        ("input.failed_checks", "a check of its data has failed"),
    ],
)
def test_columns_that_changed_and_checks_that_failed_are_the_inputs_fault(
    nightly, name, words
):
    samples.put(name, 1, at=THREE - timedelta(minutes=5))
    said = f"The input is at fault, not the model: {words}."
    assert looked(nightly, THREE) == ("environment", said)

    samples.put(name, 0, at=THREE - timedelta(minutes=4))
    assert looked(nightly, THREE + timedelta(minutes=1))[0] == "fired"


def test_without_a_dataset_or_with_too_few_pulsars_nothing_could_be_trained(nightly):
    dataset_row(n_pulsars=320)
    words = (
        "Dataset 2 has 5 pulsars and 14,371 others to learn from; of each, at least 20"
        " are needed."
    )
    assert looked(nightly, THREE) == ("cannot", words)

    Dataset.objects.all().delete()
    words = "There is no dataset to learn from: import one."
    assert looked(nightly, THREE + timedelta(minutes=1)) == ("cannot", words)


def test_a_person_presses_whatever_its_condition(person):
    ana = person("admin", "ana")
    trigger = trigger_row("drift")

    with time_machine.travel(NOON, tick=False):
        decision = press(trigger, by=ana)
        again = press(Trigger.objects.get(pk=trigger.pk), by=ana)

    assert (decision.outcome, decision.by) == ("fired", ana)
    assert again.outcome == "busy"
    pk = Retraining.objects.get().pk
    assert told(trigger) == [
        ("fired", "ana pressed the button.", 1),
        ("busy", f"Retraining {pk} of pulsar is under way.", 1),
    ]
    assert events("retraining.started")[0][2] == str(ana.pk)


def test_what_is_off_cannot_be_pressed(person):
    ana = person("admin", "ana")
    for trigger in (trigger_row(is_on=False), trigger_row(removed_at=NOON)):
        with pytest.raises(CannotTrigger, match="is switched off"):
            press(trigger, by=ana)
    assert not Decision.objects.exists()


@pytest.mark.engines
def test_two_at_once_start_one(nightly):
    other = trigger_row("schedule", since=NOON)
    found = fires("It is time.")

    assert fire(nightly, found, THREE, by=None)
    # As they were looked at, before the other one had fired.
    assert fire(nightly, found, THREE, by=None) is None
    assert fire(other, found, THREE, by=None) is None
    assert Decision.objects.count() == Retraining.objects.count() == 1
    assert len(events("retraining.started")) == 1


def test_who_was_not_quick_enough_says_so(nightly, monkeypatch):
    monkeypatch.setattr(firing, "_begin", _too_late)

    assert looked(nightly, THREE) == (
        "busy",
        "Another retraining of pulsar was begun in this very moment.",
    )


def _too_late(*_: object) -> None:
    raise IntegrityError


def test_what_was_started_and_has_ended_is_not_started_by_the_slower_one(nightly):
    fire(nightly, fires("It is time."), THREE, by=None)
    Retraining.objects.update(open=None)

    assert fire(nightly, Look("fired", "It is time.", {}), THREE, by=None) is None


def test_one_that_cannot_be_looked_at_leaves_the_others_their_turn(nightly):
    broken = trigger_row("schedule", condition={}, since=NOON)
    third = trigger_row("schedule", since=NOON, model="other")

    fired = [decision.trigger for decision in evaluate_all(THREE)]
    assert fired == [nightly, third]
    assert told(broken) == []
