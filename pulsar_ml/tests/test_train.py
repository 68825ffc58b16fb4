"""From labelled rows to an artefact, in one go."""

import json

import numpy as np
import pytest

from pulsar_ml import artefact, train
from pulsar_ml.datasets import holdout
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.errors import BadInput
from pulsar_ml.features import FEATURES
from pulsar_ml.model import DEFAULTS
from pulsar_ml.serving import Scorer
from pulsar_ml.ship import publish
from pulsar_ml.tests import simulated

pytestmark = pytest.mark.slow

TABLE = simulated.table(1500)
KEYS = {
    "model",
    "kind",
    "algorithm",
    "parameters",
    "search",
    "calibration",
    "seed",
    "features",
    "signature",
    "threshold",
    "threshold_f1",
    "threshold_rule",
    "split_policy",
    "policy",
    "dataset",
    "weights",
    "sentinels",
    "metrics",
    "created",
    "code_version",
    "libraries",
    "champion",
}


def trained(table: Labelled) -> train.Trained:
    """A small forest: of the three it has the most chance in it, and learns quickly."""
    few = {"n_estimators": 10}
    return train.train(table, "random_forest", parameters=few, folds=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("train") / "1"
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("SOURCE_DATE_EPOCH", "1700000000")
        trained(TABLE).write(folder)
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


def test_a_release_can_be_repeated_byte_by_byte(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    again = tmp_path / "again"
    assert trained(TABLE).write(again) == Scorer(folder).sha256
    assert Scorer(again).card["created"] == "2023-11-14T22:13:20+00:00"


def test_its_card_names_the_file_that_the_rows_came_from(folder):
    about = Scorer(folder).card["dataset"]
    assert (about["name"], about["sha256"]) == (TABLE.name, TABLE.sha256)


def test_without_pointings_the_hash_decides_and_nothing_is_said_of_time():
    alone = simulated.table(1500, pointings=False)
    made = train.train(alone, "logistic_regression", folds=2)
    assert set(made.card["metrics"]) == {"stratified", "grouped", "holdout"}
    assert artefact.hashes(made.files[artefact.HOLDOUT]) == {
        digest for digest in alone.hashes if holdout.in_holdout(digest)
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


@pytest.mark.parametrize(
    ("qualities", "second", "champion"),
    [
        ((0.91, 0.92, 0.93), "logistic_regression", "logistic_regression"),
        ((0.95, 0.94, 0.93), "gradient_boosting", "random_forest"),
    ],
)
def test_a_forest_and_the_better_of_the_others_are_shipped(
    folder, tmp_path, qualities, second, champion
):
    files, _ = artefact.read(folder)
    card = json.loads(files.pop(artefact.CARD))
    grouped = card["metrics"]["grouped"]
    made = {}
    for name, quality in zip(DEFAULTS, qualities, strict=True):
        judged = {**grouped, "average_precision": {"value": quality}}
        metrics = {**card["metrics"], "grouped": judged}
        about = {**card, "algorithm": name, "metrics": metrics}
        made[name] = train.Trained(about, files)
    said: list[str] = []
    folders = publish(made, tmp_path, say=said.append)
    cards = [Scorer(path).card for path in folders]
    assert [card["algorithm"] for card in cards] == ["random_forest", second]
    assert [card["algorithm"] for card in cards if card["champion"]] == [champion]
    assert said[1] == (
        f"gradient_boosting: average precision {qualities[1]:.4f} grouped by pointing"
    )
    before = json.loads(files[artefact.EVALUATION])
    assert all(one["observed"]["pointing"] for one in before["missed"])
    for path in folders:
        shipped = json.loads(artefact.read(path)[0][artefact.EVALUATION])
        told = [{**one, "name": "", "observed": {}} for one in before["missed"]]
        assert shipped == {**before, "missed": told}
