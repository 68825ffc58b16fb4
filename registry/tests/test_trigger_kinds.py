"""What is a reason to retrain, for each kind of trigger."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.figures import samples
from registry.models import Decision, Label, Retraining
from registry.tests.labels import digest, features
from registry.tests.run_rows import dataset_row, run_row
from registry.tests.triggered import EVER, NOON, trigger_row, version_row
from registry.triggers.kinds import find

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_berlin")]


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


@pytest.fixture
def in_berlin(reconfigured):
    """A clock that is changed twice a year."""
    reconfigured("scheduler", zone="Europe/Berlin")


def label(n: int, at: datetime = NOON, **values: object) -> Label:
    return Label.objects.create(
        hash=digest(n), features=features(n), verdict="RFI", drawn="queue", at=at,
        held_at=at, **values,
    )  # fmt: skip


def finds(trigger, at=NOON) -> tuple[str, str]:
    found = find(trigger, at)
    return str(found.outcome), found.reason


def decided(trigger, outcome: str, at: datetime) -> Decision:
    return Decision.objects.create(
        trigger=trigger, outcome=outcome, at=at, last_at=at, reason="so"
    )


def test_a_button_is_pressed_by_a_person_alone():
    assert finds(trigger_row()) == ("not_due", "Nobody has pressed it.")


def test_a_schedule_waits_for_its_next_moment():
    trigger = trigger_row("schedule", since=NOON)

    assert finds(trigger, NOON + minutes(5)) == (
        "not_due",
        "The next moment is 2026-06-02 03:00 CEST.",
    )


def test_its_moment_has_come_and_what_was_before_it_was_made_does_not_count():
    at = datetime(2026, 6, 2, 1, 0, 30, tzinfo=UTC)
    before = trigger_row("schedule", since=at - minutes(1))
    after = trigger_row("schedule", since=at)

    assert finds(before, at) == ("fired", "2026-06-02 03:00 CEST has come.")
    assert find(before, at).moment == datetime(2026, 6, 2, 1, tzinfo=UTC)
    assert finds(after, at)[0] == "not_due"


def test_of_many_missed_moments_there_is_one_reason():
    trigger = trigger_row("schedule", since=NOON)

    assert finds(trigger, NOON + timedelta(days=7)) == (
        "fired",
        "7 moments have come, the last at 2026-06-08 03:00 CEST.",
    )


@pytest.mark.parametrize("outcome", ["fired", "cooling", "capped", "busy"])
def test_a_moment_is_served_once(outcome):
    trigger = trigger_row("schedule", since=NOON)
    at = datetime(2026, 6, 2, 1, 0, 30, tzinfo=UTC)
    decided(trigger, outcome, at)

    assert finds(trigger, at + minutes(1))[0] == "not_due"


@pytest.mark.parametrize("outcome", ["environment", "cannot", "not_due"])
def test_a_moment_waits_until_what_is_wrong_is_mended(outcome):
    trigger = trigger_row("schedule", since=NOON)
    at = datetime(2026, 6, 2, 1, 0, 30, tzinfo=UTC)
    decided(trigger, outcome, at)

    assert finds(trigger, at + minutes(90))[0] == "fired"


def test_a_clock_put_back_brings_no_moment_twice():
    trigger = trigger_row("schedule", since=NOON)
    at = datetime(2026, 6, 2, 1, 0, 30, tzinfo=UTC)
    decided(trigger, "fired", at)

    assert finds(trigger, at - minutes(2))[0] == "not_due"
    assert finds(trigger, at)[0] == "not_due"
    assert finds(trigger, at + timedelta(days=1))[0] == "fired"


def test_a_clock_that_was_years_ahead_does_not_silence_it_for_years():
    trigger = trigger_row("schedule", since=NOON)
    decided(trigger, "fired", datetime(2036, 1, 1, tzinfo=UTC))
    trigger.evaluated_at = datetime(2026, 6, 2, 0, 59, tzinfo=UTC)

    assert finds(trigger, datetime(2026, 6, 2, 1, 0, 5, tzinfo=UTC))[0] == "fired"


@pytest.mark.parametrize(
    ("day", "n"),
    [(datetime(2026, 3, 29, tzinfo=UTC), 1), (datetime(2026, 10, 25, tzinfo=UTC), 1)],
)
def test_on_a_night_whose_clock_is_changed_a_daily_moment_comes_once(day, n):
    trigger = trigger_row(
        "schedule", condition={"cron": "30 2 * * *"}, since=day - timedelta(hours=6)
    )
    come = 0
    for minute in range(0, 6 * 60, 10):
        at = day + minutes(minute)
        if find(trigger, at).moment:
            come += 1
            decided(trigger, "fired", at)

    assert come == n


def test_labels_are_counted_that_hold_and_that_no_dataset_has():
    trigger = trigger_row("labels")
    dataset = dataset_row(source="freeze")
    dataset.created_at = NOON - minutes(10)
    dataset.save()
    label(1, NOON - minutes(11))
    assert finds(trigger) == ("not_due", "0 labels are new, of 3.")
    label(2)
    label(3)
    label(4, current=None)
    assert finds(trigger) == ("not_due", "2 labels are new, of 3.")
    label(5)

    assert finds(trigger) == ("fired", "3 labels are new; 3 were wanted.")
    assert find(trigger, NOON).figures == {"new": 3, "wanted": 3}


def test_without_any_label_there_is_nothing_to_count():
    assert finds(trigger_row("labels")) == ("cannot", "There is no label that holds.")


def test_an_imported_dataset_has_none_of_the_labels_however_old():
    dataset_row()
    label(1, EVER)

    trigger = trigger_row("labels", condition={"number": 1})
    assert finds(trigger) == ("fired", "1 label is new; 1 were wanted.")


def test_what_the_last_retraining_froze_is_not_new_but_what_failed_learnt_nothing():
    trigger = trigger_row("labels", condition={"number": 1})
    label(1)
    done = Retraining.objects.create(
        trigger=trigger,
        decision=decided(trigger, "fired", NOON),
        model="pulsar",
        stage="offered",
        open=None,
    )
    Retraining.objects.filter(pk=done.pk).update(created_at=NOON + minutes(1))
    assert finds(trigger) == ("not_due", "0 labels are new, of 1.")

    Retraining.objects.update(stage="failed")
    assert finds(trigger)[0] == "fired"


def test_a_share_is_of_the_rows_of_the_base_dataset():
    trigger = trigger_row("labels", condition={"share": 0.001})
    label(1)
    words = "There is no dataset of which new labels could be a share."
    assert finds(trigger) == ("cannot", words)
    dataset_row(n_rows=1001)
    assert finds(trigger) == ("not_due", "1 label is new, of 2.")
    label(2)

    assert finds(trigger) == ("fired", "2 labels are new; 2 were wanted.")


def test_a_dataset_is_newer_than_the_champions():
    trigger = trigger_row("dataset")
    assert finds(trigger) == ("not_due", "There is no dataset.")
    run_row(version=version_row(1, "champion"))
    assert finds(trigger) == (
        "not_due",
        "Since dataset 1 nobody has brought a newer one.",
    )
    dataset_row()

    assert finds(trigger) == ("fired", "Dataset 2 is new.")


def test_a_dataset_from_before_the_trigger_is_no_reason():
    version_row(1, "champion")
    dataset = dataset_row()

    trigger = trigger_row("dataset", since=dataset.created_at)
    assert finds(trigger) == (
        "not_due",
        "Since dataset 1 nobody has brought a newer one.",
    )


def test_a_dataset_that_the_last_retraining_began_with_is_known():
    trigger = trigger_row("dataset")
    run = run_row()
    Retraining.objects.create(
        trigger=trigger,
        decision=decided(trigger, "fired", NOON),
        model="pulsar",
        stage="failed",
        open=None,
        run=run,
    )

    assert finds(trigger) == (
        "not_due",
        "Since dataset 1 nobody has brought a newer one.",
    )


def drift(value: float, ago: float, **labels: object) -> None:
    samples.put("drift.state", value, at=NOON - minutes(ago), **labels)


def test_drift_must_last():
    trigger = trigger_row("drift")
    words = "No drift is reported: nothing is measured as drift.state."
    assert finds(trigger) == ("not_due", words)
    drift(1, 90)
    assert finds(trigger) == ("not_due", "No drift is reported.")
    for ago in (59, 30, 0):
        drift(2, ago)
    said = "Drift since 2026-06-01 13:01 CEST"
    assert finds(trigger) == ("not_due", f"{said}, wanted for 60 min.")

    later = NOON + minutes(1)
    assert finds(trigger, later) == ("fired", f"{said}, for 60 min or longer.")


def test_drift_that_was_over_in_between_begins_anew():
    for ago, value in ((90, 2), (45, 1), (30, 2)):
        drift(value, ago)

    assert finds(trigger_row("drift"))[1] == (
        "Drift since 2026-06-01 13:30 CEST, wanted for 60 min."
    )


def test_possible_drift_is_enough_where_that_is_the_bound():
    drift(1, 61)
    trigger = trigger_row("drift", condition={"bound": 1, "minutes": 60})

    assert finds(trigger) == (
        "fired",
        "Possible drift since 2026-06-01 12:59 CEST, for 60 min or longer.",
    )


@pytest.mark.parametrize(
    "labels", [{"model": "other"}, {"model": "pulsar", "version": 1}]
)
def test_drift_of_another_model_or_of_a_version_that_has_gone_is_no_reason(labels):
    version_row(2, "champion")
    drift(2, 61, **labels)

    assert finds(trigger_row("drift"))[0] == "not_due"


def test_drift_of_days_ago_that_nobody_has_measured_since_is_no_reason():
    drift(2, 3 * 24 * 60)

    assert finds(trigger_row("drift"))[0] == "not_due"


def test_what_was_measured_before_the_trigger_was_made_is_no_reason():
    drift(2, 61)

    assert finds(trigger_row("drift", since=NOON - minutes(10)))[0] == "not_due"


def hit_rate(rate: float, n: int | None, ago: float = 0, **labels: object) -> None:
    at = NOON - minutes(ago)
    samples.put("hit_rate.audited", rate, at=at, **labels)
    if n is not None:
        samples.put("hit_rate.audited_n", n, at=at, **labels)


def test_the_hit_rate_must_be_low_and_of_enough():
    trigger = trigger_row("hit_rate")
    words = "No hit rate is reported: nothing is measured as hit_rate.audited."
    assert finds(trigger) == ("not_due", words)
    hit_rate(0.7, None, ago=40)
    words = "The hit rate is 70.0% of 0 audited; at least 50 are wanted."
    assert finds(trigger) == ("not_due", words)
    hit_rate(0.7, 49, ago=30)
    words = "The hit rate is 70.0% of 49 audited; at least 50 are wanted."
    assert finds(trigger) == ("not_due", words)
    hit_rate(0.8, 50, ago=20)
    words = "The hit rate is 80.0% of 50 audited, not below 80.0%."
    assert finds(trigger) == ("not_due", words)
    hit_rate(0.796, 1050, ago=10)

    words = "The hit rate is 79.6% of 1,050 audited, below 80.0%."
    assert finds(trigger) == ("fired", words)
    assert find(trigger, NOON).figures == {"rate": 0.796, "of": 1050}
