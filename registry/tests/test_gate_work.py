"""A comparison ends once, with numbers or with the reason why there are none."""

from datetime import timedelta

import numpy as np
import pytest
from django.utils.timezone import now

from monitor import room
from monitor.sweep import sweep
from monitor.work import State
from pulsar_ml.datasets import store
from pulsar_ml.evaluation.contenders import Contender, Margins
from pulsar_ml.evaluation.gate import gate
from pulsar_ml.serving import Scorer
from pulsar_ml.tests import simulated
from registry import tasks
from registry.gate import work as gates
from registry.gate.ask import ask
from registry.gate.cancel import cancel
from registry.gate.latest import latest
from registry.gate.work import work
from registry.models import Comparison, Sentinel, Version
from registry.tests import made
from registry.tests.killed import CRASHED, killed_at
from registry.tests.labels import events
from registry.tests.versions import FOREST, LOGISTIC, version

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

TABLE = simulated.observed(600)


@pytest.fixture(autouse=True)
def few_draws(reconfigured):
    reconfigured("gate", resamples=100)


@pytest.fixture
def pair(tmp_path) -> tuple[Version, Version]:
    """A candidate and a champion that have seen nothing."""
    return version(tmp_path, FOREST), version(tmp_path, LOGISTIC)


def judged(*pair: Version, **asked: object) -> Comparison:
    """It, when it was asked for and worked on."""
    return ended(ask(*pair, at_once=False, **asked))


def ended(comparison: Comparison) -> Comparison:
    work(Comparison.objects.get(pk=comparison.pk))
    return Comparison.objects.select_related("dataset").get(pk=comparison.pk)


def sentinel(row: int, name: str) -> Sentinel:
    """A pulsar of the table, as one of the set."""
    return Sentinel.objects.create(
        name=name, hash=TABLE.hashes[row], features=TABLE.features[row].tolist()
    )


def middling(scorer: Scorer) -> int:
    """The row of the pulsar that this version finds, and is the least sure about."""
    apart = abs(scorer.score(TABLE.features) - 0.5)
    return int(np.where(TABLE.labels == 1, apart, 1).argmin())


def test_it_finds_what_the_science_finds_and_says_so_once(pair, person):
    admin = person("admin")
    made.dataset(TABLE)
    done = judged(*pair, by=admin)
    work(done)  # it has ended, and nobody works on it again

    sides = [Contender(str(one), Scorer(one.folder)) for one in pair]
    expected = gate(*sides, TABLE, margins=Margins(resamples=100))
    assert (done.state, done.reason, done.attempts) == (State.SUCCESS, "", 1)
    assert done.findings == expected
    assert expected["recall"]["lost"] is (done.outcome == "refused")
    assert done.findings["rows"] == 600
    assert latest(*pair) == done
    recall = expected["recall"]
    assert events("gate.passed", "gate.refused") == [
        (
            f"gate.{done.outcome}",
            "pulsar/1",
            str(admin.pk),
            {
                "comparison": done.pk,
                "champion": "pulsar/2",
                "dataset": "dataset 1",
                "rows": 600,
                "pulsars": 200,
                "fpr": expected["fpr"],
                "recall_champion": recall["champion"],
                "recall_candidate": recall["candidate"],
                "difference": recall["difference"],
                "low": recall["low"],
                "high": recall["high"],
                "sentinels_lost": 0,
                "reasons": expected["reasons"],
            },
        )
    ]


def test_a_lost_sentinel_refuses_by_name_though_all_else_is_well(
    tmp_path, pair, reconfigured
):
    champion = pair[1]
    row = middling(Scorer(champion.folder))
    found = float(Scorer(champion.folder).score(TABLE.features[[row]])[0])
    # The same model, that calls nothing but what it is surer of.
    strict = version(tmp_path, LOGISTIC, threshold=0.99)
    known = sentinel(row, "J0437-4715")
    sentinel(1, "gone").delete()
    made.dataset(TABLE)
    done = judged(strict, champion)

    assert done.outcome == "refused"
    assert done.findings["recall"]["difference"] >= 0
    (lost,) = done.findings["sentinels"]["lost"]
    assert (lost["name"], lost["hash"]) == ("J0437-4715", known.hash)
    (reason,) = done.findings["reasons"]
    assert reason.startswith(
        f"J0437-4715, a sentinel that pulsar/2 finds ({found:.2f}), would be lost ("
    )
    # Once it is taken out of the set, nothing speaks against it.
    Sentinel.objects.update(removed_at=now())
    assert latest(strict, champion) is None
    assert judged(strict, champion).outcome == "passed"


def test_a_sentinel_that_one_was_trained_on_is_listed_and_counts_for_nothing(
    tmp_path, pair
):
    champion = pair[1]
    row = middling(Scorer(champion.folder))
    sentinel(row, "J0437-4715")
    strict = version(tmp_path, LOGISTIC, threshold=0.99, seen=[TABLE.hashes[row]])
    made.dataset(TABLE)
    done = judged(strict, champion)
    assert done.outcome == "passed"
    assert done.findings["sentinels"]["not_comparable"] == [
        {"name": "J0437-4715", "trained_on_by": "pulsar/3"}
    ]
    assert done.findings["rows"] == 599


def test_with_too_few_rows_or_none_it_is_not_comparable_and_says_so(tmp_path, pair):
    champion = pair[1]
    done = judged(*pair)
    assert (done.outcome, done.dataset) == ("not_comparable", None)
    assert done.findings["why"].startswith("There is no dataset")

    made.dataset(TABLE)
    pulsars = TABLE.hashes[TABLE.labels == 1]
    trained = version(tmp_path, FOREST, seen=pulsars[:150])
    done = judged(trained, champion)
    assert (done.outcome, done.findings["pulsars"]) == ("not_comparable", 50)
    told = events("gate.refused")[-1][3]
    few = "50 of the pulsars; 100 are needed to compare two versions."
    assert told["reasons"] == [f"Neither was trained on {few}"]
    assert (told["rows"], "recall_champion" in told) == (450, False)


def test_what_has_changed_since_it_was_asked_for_is_what_it_is_judged_by(pair):
    made.dataset(TABLE)
    asked = ask(*pair, at_once=False)
    before = asked.inputs_sha256
    row = middling(Scorer(pair[1].folder))
    sentinel(row, "J0437-4715")
    done = ended(asked)
    told = done.findings["sentinels"]
    n = told["found_by_both"] + len(told["lost"])
    assert (n, latest(*pair)) == (1, done)
    assert done.inputs_sha256 != before


def test_a_damaged_version_or_lost_rows_end_it_in_words(pair, person):
    admin, dataset = person("admin"), made.dataset(TABLE)
    (dataset.folder / store.ROWS).unlink()
    lost = judged(*pair, by=admin)
    rows = "The rows of dataset 1 are not where they were stored."
    assert (lost.state, lost.reason, lost.outcome) == (State.FAILED, rows, "")
    (dataset.folder / store.ROWS).write_bytes(b"other rows")
    other = judged(*pair)
    assert other.reason == "The rows of dataset 1 are not those that were stored."

    model = pair[0].folder / "model.onnx"
    model.write_bytes(model.read_bytes() + b" ")
    # As in another process, which has not loaded it yet.
    gates.serving._scorer.cache_clear()
    damaged = judged(*pair)
    assert damaged.state == State.FAILED
    assert damaged.reason == f"{model} is not the file that was registered."
    told = [(about, detail) for _, about, _, detail in events("comparison.failed")]
    assert told == [
        (str(each), {"reason": each.reason}) for each in (lost, other, damaged)
    ]
    assert events("comparison.failed")[0][2] == str(admin.pk)
    assert latest(*pair) is None


def test_one_at_work_is_cancelled_at_its_next_beat(pair, person):
    made.dataset(TABLE)
    asked = ask(*pair, at_once=False)
    Comparison.objects.filter(pk=asked.pk).update(state=State.RUNNING)
    cancel(asked, by=person("admin"))
    assert not events("comparison.cancelled")
    Comparison.objects.filter(pk=asked.pk).update(state=State.QUEUED)
    done = ended(asked)
    assert (done.state, done.reason) == (State.CANCELLED, "Cancelled on request.")
    assert [kind for kind, *_ in events("comparison.cancelled", "gate.passed")] == [
        "comparison.cancelled"
    ]


def test_a_worker_that_is_to_end_gives_it_back(pair):
    made.dataset(TABLE)
    asked = ask(*pair, at_once=False)
    work(asked, lambda: True)
    asked.refresh_from_db()
    assert (asked.state, asked.attempts, asked.holder) == (State.QUEUED, 0, "")
    tasks.compare(asked.pk)
    asked.refresh_from_db()
    assert asked.state == State.SUCCESS
    tasks.compare(10**6)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("point", ["gate.claimed", "gate.judged"])
def test_a_worker_killed_anywhere_leaves_one_result_in_the_end(pair, point):
    made.dataset(TABLE)
    asked = ask(*pair, at_once=False)
    assert killed_at(point, ended, asked) == CRASHED
    Comparison.objects.filter(pk=asked.pk).update(
        lease_until=now() - timedelta(seconds=1)
    )
    assert sweep(Comparison) == [asked]
    done = ended(asked)
    assert (done.state, done.attempts) == (State.SUCCESS, 2)
    assert len(events("gate.passed", "gate.refused")) == 1


def test_on_a_full_disk_it_waits_until_there_is_room(pair, reconfigured):
    made.dataset(TABLE)
    asked = ask(*pair, at_once=False)
    reconfigured("storage", reserve_bytes=room.free() + 2**30)
    waiting = ended(asked)
    assert waiting.state == State.UP_FOR_RETRY
    assert waiting.reason.startswith("The disk is full: ")
    reconfigured("storage", reserve_bytes=0)
    assert sweep(Comparison, now() + timedelta(hours=1)) == [asked]
    assert ended(asked).state == State.SUCCESS


def test_what_nobody_has_foreseen_is_told_on_its_page(pair, monkeypatch, caplog):
    def wrong(*_: object, **__: object) -> None:
        raise KeyError("class")

    monkeypatch.setattr(gates.rows, "load", wrong)
    made.dataset(TABLE)
    done = judged(*pair)
    assert (done.state, done.reason) == (
        State.FAILED,
        "A fault of this site: KeyError: 'class'.",
    )
    assert "Nobody has foreseen this" in caplog.text
