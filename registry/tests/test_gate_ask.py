"""Asking the gate: once for the same inputs, on the rows that tell most."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils.timezone import now

from monitor.work import State
from pulsar_ml.datasets import store
from pulsar_ml.tests import simulated
from registry.errors import CannotCompare, NotReady
from registry.gate.ask import ask
from registry.gate.cancel import cancel
from registry.gate.latest import latest
from registry.gate.rows import chosen
from registry.models import Comparison, Sentinel, Version
from registry.sentinels.remove import remove
from registry.tests import made
from registry.tests.labels import events
from registry.tests.versions import FOREST, LOGISTIC, version

pytestmark = pytest.mark.django_db

# 120 pulsars each.
NEW, OLD = (simulated.observed(360, seed=seed) for seed in (1, 2))


@pytest.fixture
def pair(tmp_path) -> tuple[Version, Version]:
    """A candidate and a champion that have seen nothing."""
    return version(tmp_path, FOREST), version(tmp_path, LOGISTIC)


def end(comparison: Comparison, state: State = State.SUCCESS) -> None:
    Comparison.objects.filter(pk=comparison.pk).update(
        state=state, outcome=Comparison.Outcome.PASSED, finished_at=now()
    )


def sentinel(n: int = 1) -> Sentinel:
    return Sentinel.objects.create(name=f"J{n}", hash=f"{n:064x}", features=[n] * 8)


def test_what_is_asked_for_is_put_on_record_and_sent(pair, person):
    admin, dataset = person("admin"), made.dataset(NEW)
    asked = ask(*pair, by=admin)

    asked.refresh_from_db()
    assert (asked.candidate, asked.champion, asked.dataset) == (*pair, dataset)
    assert (asked.state, asked.by, len(asked.inputs_sha256)) == ("queued", admin, 64)
    assert asked.queue == "interactive"
    assert now() - asked.sent_at < timedelta(minutes=1)
    assert events("comparison.requested") == [
        (
            "comparison.requested",
            str(asked),
            str(admin.pk),
            {"candidate": "pulsar/1", "champion": "pulsar/2", "dataset": "dataset 1"},
        )
    ]


def test_what_takes_long_waits_with_what_takes_long(pair):
    made.dataset(NEW, n_rows=100_001)
    assert ask(*pair, at_once=False).queue == "heavy"


def test_with_the_same_inputs_the_same_comparison_is_given(pair):
    made.dataset(NEW)
    first = ask(*pair, at_once=False)
    assert ask(*pair, at_once=False) == first
    assert latest(*pair) is None

    end(first)
    assert ask(*pair, at_once=False) == first
    assert latest(*pair) == first
    # The other way round is another question.
    assert ask(*reversed(pair), at_once=False) != first
    assert latest(*reversed(pair)) is None
    assert len(events("comparison.requested")) == 2


def test_what_came_to_nothing_is_tried_again(pair):
    made.dataset(NEW)
    asked = [ask(*pair, at_once=False)]
    for state in (State.FAILED, State.CANCELLED):
        end(asked[-1], state)
        asked.append(ask(*pair, at_once=False))
    Comparison.objects.filter(pk=asked[-1].pk).update(
        state=State.RUNNING, cancel_requested=True
    )
    asked.append(ask(*pair, at_once=False))
    assert len({each.pk for each in asked}) == 4
    assert latest(*pair) is None


def test_a_new_dataset_a_sentinel_or_a_margin_makes_it_another_question(
    pair, reconfigured
):
    made.dataset(OLD)
    asked = [ask(*pair, at_once=False)]
    end(asked[0])
    kept = sentinel()
    changes = (
        lambda: None,
        lambda: made.dataset(NEW),
        lambda: reconfigured("gate", recall_margin=0.02),
        lambda: reconfigured("gate", slice_margin=0.2),
        lambda: reconfigured("gate", slice_pulsars=70),
        lambda: reconfigured("gate", resamples=200),
    )
    for change in changes:
        change()
        assert latest(*pair) is None
        asked.append(ask(*pair, at_once=False))
        end(asked[-1])
        assert latest(*pair) == asked[-1]
    assert len({each.pk for each in asked}) == len(changes) + 1
    reconfigured("gate", recall_margin=0.01, slice_margin=0.05)
    reconfigured("gate", slice_pulsars=50, resamples=1000)
    # As it was after the dataset came, and that has been answered.
    assert ask(*pair, at_once=False) == latest(*pair) == asked[2]
    remove(kept, by=None)
    assert latest(*pair) is None


def test_it_is_judged_by_the_newest_rows_with_enough_pulsars_that_both_have_not_seen(
    tmp_path, pair
):
    candidate, champion = pair
    assert chosen(*pair) is None
    old, new = made.dataset(OLD), made.dataset(NEW)
    few = made.dataset(simulated.observed(297, seed=3))
    assert few.n_pulsars == 99

    assert chosen(*pair) == new
    pulsars = [table.hashes[table.labels == 1] for table in (OLD, NEW)]
    # 20 of the 120 may be lost, but not one more.
    trained = version(tmp_path, LOGISTIC, seen=pulsars[1][:20])
    assert chosen(candidate, trained) == new
    over = version(tmp_path, LOGISTIC, seen=pulsars[1][:21])
    assert chosen(candidate, over) == chosen(over, candidate) == old
    nothing_left = version(tmp_path, FOREST, seen=pulsars[0])
    # Where none has enough, the newest says how many there are.
    assert chosen(nothing_left, over) == few
    assert ask(candidate, champion, dataset=old, at_once=False).dataset == old


def test_a_dataset_that_cannot_be_read_is_passed_by(pair):
    old, new = made.dataset(OLD), made.dataset(NEW)
    rows = new.folder / store.ROWS
    for damage in (lambda: rows.write_bytes(b"other"), rows.unlink):
        damage()
        assert chosen(*pair) == old


def test_a_version_that_is_quarantined_or_the_same_is_refused_in_words(pair):
    candidate, _ = pair
    with pytest.raises(CannotCompare, match="pulsar/1 cannot be held against itself"):
        ask(candidate, candidate)
    Version.objects.filter(pk=candidate.pk).update(
        registration=Version.Registration.QUARANTINED, reason="it is no model."
    )
    candidate.refresh_from_db()
    for asked in (pair, reversed(pair)):
        with pytest.raises(NotReady, match="quarantined and never loaded"):
            ask(*asked)
    assert not Comparison.objects.exists()


def test_one_that_waits_is_cancelled_at_once_and_told_once(pair, person):
    admin = person("admin")
    asked = ask(*pair, at_once=False)
    for _ in range(2):
        cancel(asked, by=admin)
    asked.refresh_from_db()
    assert (asked.state, asked.reason) == (State.CANCELLED, "Cancelled on request.")
    assert asked.dataset is None
    told = ("comparison.cancelled", str(asked), str(admin.pk), {})
    assert events("comparison.cancelled") == [told]


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_get_one_comparison(pair):
    made.dataset(NEW)
    start, got = threading.Barrier(4), []

    def alone() -> None:
        try:
            start.wait()
            got.append(ask(*pair, at_once=False).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=alone) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [Comparison.objects.get().pk] * 4
    assert len(events("comparison.requested")) == 1
