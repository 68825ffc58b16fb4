"""The versions that come with the package are what their cards say."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from pulsar_ml import artefact, reference
from pulsar_ml.datasets import files
from pulsar_ml.evaluator import Evaluator, Scored
from pulsar_ml.features import candidate_hash
from pulsar_ml.serving import Scorer, shipped
from pulsar_ml.thresholds import Thresholds

DOCUMENT = Path(__file__).parents[2] / "docs" / "model-card.md"
SCORERS = {folder.name: Scorer(folder) for folder in shipped()}


@pytest.fixture(params=SCORERS)
def scorer(request) -> Scorer:
    return SCORERS[request.param]


@pytest.fixture(scope="module")
def table(data):
    return files.load(*files.find(data, None))


def test_a_forest_and_another_are_shipped_and_one_is_champion():
    assert list(SCORERS) == ["1", "2"]
    cards = [scorer.card for scorer in SCORERS.values()]
    assert cards[0]["algorithm"] == "random_forest"
    assert cards[1]["algorithm"] != "random_forest"
    assert [card["champion"] for card in cards].count(True) == 1
    assert {card["model"] for card in cards} == {"pulsar"}


def test_no_file_is_too_large_for_a_repository():
    assert all(
        path.stat().st_size < 5_000_000
        for folder in shipped()
        for path in folder.iterdir()
    )


def test_the_champion_reaches_the_aims():
    (card,) = (s.card for s in SCORERS.values() if s.card["champion"])
    metrics = card["metrics"]
    assert metrics["stratified"]["at_f1"]["f1"]["value"] >= 0.885
    for split in ("stratified", "grouped", "holdout"):
        assert metrics[split]["g_mean"]["value"] >= 0.93
        assert metrics[split]["recall"]["value"] >= 0.90


def test_training_and_holdout_rows_are_those_of_the_rule(scorer, table):
    aside = table.holdout
    assert scorer.trained_on() == set(table.hashes[~aside])
    held = artefact.hashes((_folder(scorer) / artefact.HOLDOUT).read_bytes())
    assert held == set(table.hashes[aside])


@pytest.mark.slow
def test_the_holdout_is_scored_as_the_card_says(scorer, table):
    held = table.take(table.holdout)
    at = Thresholds(scorer.threshold, scorer.card["threshold_f1"])
    test = Scored(held.labels, scorer.score(held.features), at)
    report = Evaluator().on_unseen(test, held.groups)
    assert report == scorer.card["metrics"]["holdout"]


def test_no_row_of_htru2_is_in_an_artefact(scorer, table):
    points = np.array(scorer.reference["background"]["points"])
    hashes = {candidate_hash(point) for point in points}
    assert not hashes & set(table.hashes)
    spread = table.features.std(axis=0)
    nearest = [
        (np.abs(table.features - point) / spread).max(axis=1).min() for point in points
    ]
    assert min(nearest) > 1e-4


def test_of_the_missed_pulsars_nothing_is_told_but_hash_and_score(scorer):
    told = json.loads((_folder(scorer) / artefact.EVALUATION).read_bytes())
    missed = scorer.card["metrics"]["holdout"]["confusion"]["fn"]
    assert len(told["missed"]) == missed
    assert all(not one["name"] and not one["observed"] for one in told["missed"])


@pytest.mark.slow
def test_what_is_remembered_is_the_summary_of_the_training_rows(scorer, table):
    rows = table.take(~table.holdout)
    summary = reference.summarise(rows.features, rows.labels)
    assert (
        artefact.to_json(summary) == (_folder(scorer) / artefact.REFERENCE).read_bytes()
    )


def test_what_is_remembered_is_small(scorer):
    assert (_folder(scorer) / artefact.REFERENCE).stat().st_size < 150_000


def test_the_model_card_quotes_the_cards(scorer):
    quoted = set(re.findall(r"0\.\d{4}", DOCUMENT.read_text()))
    for split in scorer.card["metrics"].values():
        figures = [
            split[name] for name in ("recall", "precision", "g_mean", "roc_auc")
        ] + [split["at_f1"]["f1"]]
        assert {f"{figure['value']:.4f}" for figure in figures} <= quoted


def _folder(scorer: Scorer) -> Path:
    (found,) = (f for f in shipped() if SCORERS[f.name] is scorer)
    return found
