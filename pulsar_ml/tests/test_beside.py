"""What stands beside a version: others' figures, and the champion's."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from pulsar_ml import artefact
from pulsar_ml.evaluation.beside import beside
from pulsar_ml.evaluation.published import published
from pulsar_ml.evaluator import Evaluator, Scored
from pulsar_ml.serving import Graph, Scorer, shipped
from pulsar_ml.tests import simulated
from pulsar_ml.thresholds import Thresholds

pytestmark = pytest.mark.slow

TABLE = simulated.observed(2000)
AT = Thresholds(0.2, 0.5)


@pytest.fixture(scope="module")
def ours():
    return Graph((shipped()[0] / artefact.MODEL).read_bytes())


def champion(folder, seen, **card):
    """The shipped version 2, as if it had been trained on these rows."""
    shutil.copytree(shipped()[1], folder)
    files, _ = artefact.read(folder)
    told = json.loads(files[artefact.CARD]) | card
    files[artefact.CARD] = artefact.to_json(told)
    files[artefact.TRAINING] = artefact.hash_list(seen)
    shutil.rmtree(folder)
    artefact.write(folder, files)
    return Scorer(folder)


def test_both_are_judged_on_rows_that_neither_was_trained_on(tmp_path, ours):
    held = np.flatnonzero(TABLE.holdout & (TABLE.labels == 1))
    other = np.flatnonzero(~TABLE.holdout)[:100]
    theirs = champion(tmp_path / "1", TABLE.hashes[[*held[:5], *other]])
    found = beside(theirs, "pulsar/2", TABLE, ours=ours, at=AT)
    rows = TABLE.take(TABLE.holdout & ~np.isin(np.arange(2000), held[:5]))
    at = Thresholds(theirs.threshold, theirs.card["threshold_f1"])
    judge = Evaluator()
    scores = theirs.score(rows.features), ours.score(rows.features)
    assert found == {
        "name": "pulsar/2",
        "rows": len(rows),
        "pulsars": len(held) - 5,
        "report": judge.on_unseen(Scored(rows.labels, scores[0], at), rows.groups),
        "ours": judge.on_unseen(Scored(rows.labels, scores[1], AT), rows.groups),
        "why": "",
    }


def test_a_sentinel_counts_where_neither_was_trained_on_it(tmp_path, ours):
    others = np.flatnonzero(~TABLE.holdout)[:6]
    seen, unseen = others[:2], others[2:]
    barred = replace(TABLE, sentinel=np.isin(np.arange(2000), others))
    theirs = champion(tmp_path / "1", TABLE.hashes[seen])
    found = beside(theirs, "pulsar/2", barred, ours=ours, at=AT)
    assert found["rows"] == TABLE.holdout.sum() + len(unseen)


def test_a_copy_of_a_trained_row_counts_as_trained_on(tmp_path, ours):
    held = np.flatnonzero(TABLE.holdout & (TABLE.labels == 1))
    twice = TABLE.take(np.append(np.arange(2000), held[0]))
    side = twice.holdout.copy()
    side[-1] = False  # the same candidate, from a pointing that is trained on
    theirs = champion(tmp_path / "1", [])
    found = beside(theirs, "pulsar/2", replace(twice, holdout=side), ours=ours, at=AT)
    assert found["rows"] == TABLE.holdout.sum() - 1


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        (
            lambda pulsars, others: [*pulsars[:99], *others],
            (
                "Neither was trained on 99 of the pulsars; 100 are needed to compare"
                " two versions."
            ),
        ),
        (
            lambda pulsars, _: pulsars[:100],
            "All rows that neither was trained on are pulsars.",
        ),
    ],
)
def test_with_too_few_rows_nothing_is_compared_and_it_is_said_why(
    tmp_path, ours, kept, why
):
    held = [np.flatnonzero(TABLE.holdout & (TABLE.labels == side)) for side in (1, 0)]
    rows = np.array([*np.flatnonzero(~TABLE.holdout), *kept(*held)])
    theirs = champion(tmp_path / "1", [])
    found = beside(theirs, "pulsar/2", TABLE.take(rows), ours=ours, at=AT)
    assert (found["report"], found["ours"], found["why"]) == (None, None, why)


def test_beside_one_from_elsewhere_whose_rows_nobody_knows_nothing_is_compared(
    tmp_path, ours
):
    theirs = champion(tmp_path / "1", [], trained_on="unknown")
    assert beside(theirs, "pulsar/2", TABLE, ours=ours, at=AT) == {
        "name": "pulsar/2",
        "rows": 0,
        "pulsars": 0,
        "report": None,
        "ours": None,
        "why": "Nobody knows which rows pulsar/2 was trained on.",
    }


def test_the_published_figures_agree_with_one_another():
    for one in published():
        assert one["name"]
        assert one["source"]
        if one["f1"] is None:
            continue
        recall, precision = one["recall"], one["precision"]
        f1 = 2 * recall * precision / (recall + precision)
        assert one["f1"] == pytest.approx(f1, abs=0.008)
        g_mean = (recall * (1 - one["fpr"])) ** 0.5
        assert one["g_mean"] == pytest.approx(g_mean, abs=0.008)
    assert len({one["name"] for one in published()}) == 6
