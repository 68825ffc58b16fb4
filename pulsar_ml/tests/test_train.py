"""From labelled rows to an artefact."""

import json
from dataclasses import replace

import numpy as np
import pytest

from pulsar_ml import artefact, splits, train
from pulsar_ml.errors import BadInput
from pulsar_ml.features import FEATURES
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.serving import Scorer
from pulsar_ml.ship import ship
from pulsar_ml.tests import simulated

pytestmark = pytest.mark.slow

TABLE = simulated.table(1500)
KEYS = {
    "model",
    "kind",
    "algorithm",
    "parameters",
    "calibration",
    "seed",
    "features",
    "signature",
    "threshold",
    "threshold_f1",
    "threshold_rule",
    "split_policy",
    "dataset",
    "metrics",
    "created",
    "code_version",
    "libraries",
    "champion",
}


def trained(table: Labelled) -> train.Trained:
    """A small forest: of the three it has the most chance in it, and learns quickly."""
    return train.train(table, "random_forest", parameters={"n_estimators": 10})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = trained(TABLE)
    folder = tmp_path_factory.mktemp("train") / "1"
    made.write(folder)
    return folder


def test_an_artefact_is_whole(folder):
    files, _ = artefact.read(folder)
    assert set(files) == {path.name for path in folder.iterdir()} - {artefact.SUMS}
    card = json.loads(files[artefact.CARD])
    assert set(card) == KEYS
    assert (card["model"], card["champion"]) == ("pulsar", False)
    assert card["features"] == list(FEATURES)
    assert list(card["metrics"]) == ["stratified", "grouped", "time", "holdout"]
    reference = json.loads(files[artefact.REFERENCE])
    assert set(reference) == {"ranges", "box", "classes", "background", "densities"}
    assert np.array(reference["background"]["points"]).shape == (100, 8)


def test_no_row_of_the_holdout_is_trained_on_and_every_row_is_listed(folder):
    files, _ = artefact.read(folder)
    training = artefact.hashes(files[artefact.TRAINING])
    held = artefact.hashes(files[artefact.HOLDOUT])
    aside = TABLE.holdout
    assert held == set(TABLE.hashes[aside])
    assert training == set(TABLE.hashes[~aside])
    counts = json.loads(files[artefact.CARD])["dataset"]
    assert (counts["trained_rows"], counts["holdout_rows"]) == (
        len(training),
        len(held),
    )


def test_the_holdouts_figures_are_those_of_the_written_model(folder):
    scorer = Scorer(folder)
    held = TABLE.take(TABLE.holdout)
    called = scorer.score(held.features) >= scorer.threshold
    judged = scorer.card["metrics"]["holdout"]
    recall = called[held.labels == 1].mean()
    assert judged["recall"]["value"] == round(recall, 4)
    assert judged["confusion"]["fp"] == called[held.labels == 0].sum()


def test_labels_of_the_holdout_have_no_say_in_anything_but_its_figures(folder):
    aside = TABLE.holdout
    labels = np.where(aside, 1 - TABLE.labels, TABLE.labels).astype(np.int8)
    other = trained(replace(TABLE, labels=labels))
    files, _ = artefact.read(folder)
    card = json.loads(files.pop(artefact.CARD))
    assert other.files == files
    assert other.card["threshold"] == card["threshold"]
    assert other.card["metrics"]["grouped"] == card["metrics"]["grouped"]
    assert other.card["metrics"]["holdout"] != card["metrics"]["holdout"]


def test_a_release_can_be_repeated_byte_by_byte(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    digests = [trained(TABLE).write(tmp_path / name) for name in ("one", "two")]
    assert digests[0] == digests[1]
    assert Scorer(tmp_path / "one").card["created"] == "2023-11-14T22:13:20+00:00"


def test_without_pointings_the_hash_decides_and_nothing_is_said_of_time():
    alone = simulated.table(1500, pointings=False)
    made = trained(alone)
    assert set(made.card["metrics"]) == {"stratified", "grouped", "holdout"}
    assert artefact.hashes(made.files[artefact.HOLDOUT]) == {
        digest for digest in alone.hashes if splits.in_holdout(digest)
    }
    assert made.card["dataset"]["pointings"] == 0


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (range(400), "pulsars and .* others in the hold-out; of each, 20 from"),
        ([row for row in range(1500) if row % 10], "has 0 pulsars and .* to train on"),
    ],
)
def test_too_few_rows_of_a_class_are_refused_in_words(rows, reason):
    few = TABLE.take(np.isin(np.arange(1500), list(rows)))
    with pytest.raises(BadInput, match=reason):
        trained(few)


def test_shipping_writes_a_forest_and_the_better_of_the_others(tmp_path, monkeypatch):
    quick = {
        "random_forest": {"n_estimators": 10},
        "gradient_boosting": {"max_iter": 10},
        "logistic_regression": {"C": 0.3},
    }
    monkeypatch.setattr("pulsar_ml.model.DEFAULTS", quick)
    said: list[str] = []
    one, two = map(Scorer, ship(TABLE, tmp_path / "pulsar", say=said.append))
    assert one.card["algorithm"] == "random_forest"
    quality = {
        scorer.card["champion"]: scorer.card["metrics"]["grouped"]["average_precision"]
        for scorer in (one, two)
    }
    assert quality[True]["value"] >= quality[False]["value"]
    ranked = [line for line in said if "average precision" in line]
    best = max(ranked[1:], key=lambda line: float(line.split()[3]))
    assert best.startswith(two.card["algorithm"])
