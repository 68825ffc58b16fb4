"""Which labels are new to a retraining: by when they began to hold, not were said."""

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from conftest import require
from registry.labels.judge import Judged, held, hold_again, judge, let_go
from registry.labels.land import settle_all
from registry.labels.withdraw import restore, withdraw
from registry.models import Build, Dataset, Decision, Label, Retraining
from registry.tests.labels import digest, features
from registry.tests.run_rows import dataset_row
from registry.tests.triggered import trigger_row
from registry.triggers.rows import new_labels

pytestmark = pytest.mark.django_db

MONDAY = datetime(2024, 6, 3, 12, tzinfo=UTC)
TUESDAY, WEDNESDAY, THURSDAY = (MONDAY + timedelta(days=n) for n in (1, 2, 3))


def label(n: int, at: datetime = MONDAY, **values: object) -> Label:
    """One that holds since it was said."""
    wanted = {"verdict": "RFI", "drawn": "queue", "at": at, "held_at": at}
    return Label.objects.create(
        name=f"J{n:04}", hash=digest(n), features=features(n), **(wanted | values)
    )


def retrained(at: datetime) -> None:
    """A retraining that learnt of all that held."""
    decision = Decision.objects.create(
        trigger=trigger_row(), outcome="fired", at=at, last_at=at, reason="so"
    )
    done = Retraining.objects.create(
        trigger=decision.trigger,
        decision=decision,
        model="pulsar",
        stage="offered",
        open=None,
    )
    Retraining.objects.filter(pk=done.pk).update(created_at=at)


def file_of(n: int, landed: datetime) -> Build:
    """Labels that were sent on Monday, landed, and are not in their places yet."""
    build = Build.objects.create(
        kind=Build.Kind.LABELS, state="success", finished_at=landed, n_of=1
    )
    label(n, current=None, coming=True, build=build)
    return build


def new() -> list[str]:
    found = new_labels("pulsar").order_by("name")
    return list(found.values_list("name", flat=True))


def judged_on_monday(person) -> Judged:
    return Judged(
        batch=1,
        row=1,
        name="J0001",
        hash=digest(1),
        features=features(1),
        word="RFI",
        drawn="queue",
        person=person.pk,
        at=MONDAY,
        pointing="",
        observed={},
        blind=False,
    )


def test_said_of_a_private_batch_it_is_new_when_the_batch_is_opened(person):
    label(2)
    retrained(TUESDAY)
    assert new() == []
    made = judge(judged_on_monday(person("researcher", "ana")))

    assert (new(), made.at) == (["J0001"], MONDAY)


def test_a_word_that_was_undone_is_new_when_it_holds_again(person):
    ana = person("researcher", "ana")
    said = label(1, person=ana)
    retrained(TUESDAY)
    let_go(said.hash, ana.pk)
    hold_again(said)

    assert (held(said.hash, ana.pk), new()) == (said, ["J0001"])


def test_a_withdrawn_label_is_new_when_it_is_restored(person):
    ana = person("researcher", "ana")
    said = label(1, person=ana)
    withdraw(said, by=ana)
    retrained(TUESDAY)
    assert new() == []
    restore(said, by=ana)

    assert new() == ["J0001"]


@pytest.mark.engines
def test_labels_of_a_file_are_new_since_it_landed_in_their_places_or_not():
    file_of(1, MONDAY + timedelta(hours=1))
    build = file_of(2, WEDNESDAY)
    label(3, THURSDAY)
    label(4, THURSDAY, current=None)
    retrained(TUESDAY)
    assert new() == ["J0002", "J0003"]
    settle_all()
    assert new() == ["J0002", "J0003"]
    times = Label.objects.filter(build=build).values_list("at", "held_at")
    assert list(times) == [(MONDAY, WEDNESDAY)]

    retrained(WEDNESDAY + timedelta(hours=1))
    assert new() == ["J0003"]


@pytest.mark.parametrize(
    ("started_at", "found"), [(TUESDAY, ["J0002", "J0003"]), (None, ["J0003"])]
)
def test_labels_given_while_the_base_was_being_frozen_are_new(started_at, found):
    base = dataset_row(source="freeze")
    Dataset.objects.update(created_at=WEDNESDAY)
    for n, said in enumerate((MONDAY, WEDNESDAY - timedelta(hours=1), THURSDAY), 1):
        label(n, said)
    Build.objects.create(
        kind=Build.Kind.FREEZE, state="success", dataset=base, started_at=started_at
    )

    assert new() == found


def test_what_is_new_is_found_without_reading_all_that_holds():
    require(connection.vendor == "sqlite", "the plan is told in SQLite's words")
    retrained(TUESDAY)
    plan = new_labels("pulsar").explain()
    assert "INDEX label_held (current=? AND held_at>?)" in plan


@pytest.mark.engines
def test_what_was_there_before_the_column_holds_since_it_was_said():
    label(1, MONDAY, held_at=THURSDAY)
    migration = import_module("registry.migrations.0007_labels_held_since")
    migration.hold_since_said(apps, None)

    assert Label.objects.get().held_at == MONDAY
