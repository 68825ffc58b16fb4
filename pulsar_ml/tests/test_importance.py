"""Which features a version lives by, where we know it."""

import numpy as np
import pytest

from pulsar_ml.datasets.labelled import labelled
from pulsar_ml.evaluation.importance import mean_shapley, permutation
from pulsar_ml.evaluation.intervals import draws
from pulsar_ml.features import FEATURES
from pulsar_ml.metrics import average_precision, cuts

pytestmark = pytest.mark.slow

N = 300
LABELS = (np.arange(N) % 5 == 0).astype(np.int8)
ROWS = np.random.default_rng(0).normal(0, 1, (N, 8))
ROWS[:, 2] += 4 * LABELS


class Linear:
    """Log-odds with a slope for each feature; the background is at the origin."""

    def __init__(self, **slopes):
        self.slopes = np.array([slopes.get(name, 0.0) for name in FEATURES])
        self.reference = {"background": {"points": [[0.0] * 8], "weights": [1.0]}}
        self.rows = 0

    def score(self, features):
        self.rows += len(features)
        return (1 / (1 + np.exp(-features @ self.slopes))).astype(np.float32)


def table(n=N):
    return labelled(np.resize(ROWS, (n, 8)), np.resize(LABELS, n), name="made up")


def test_only_what_the_model_looks_at_costs_anything_when_it_is_shuffled():
    model = Linear(prof_skew=2.0, dm_std=0.1)
    found = {one["feature"]: one for one in permutation(model, table())}
    assert next(iter(found)) == "prof_skew"
    # Perfect before; afterwards one row in five is a pulsar, whatever the score.
    whole = found["prof_skew"]
    assert whole["value"] == pytest.approx(0.8, abs=0.05)
    assert 0.6 < whole["low"] < whole["value"] < whole["high"] < 0.9
    idle = set(FEATURES) - {"prof_skew", "dm_std"}
    assert {name: found[name] for name in idle} == {
        name: {"feature": name, "value": 0.0, "low": 0.0, "high": 0.0} for name in idle
    }


def test_the_loss_of_a_feature_is_over_the_same_draws_with_and_without_it():
    model, rows = Linear(prof_skew=0.2), table(90)
    rows.features[:, 2] = rows.features[:, 2].round()  # many scores are equal
    # By the definition: rows drawn, ranked anew, two shuffles one after the other.
    rng = np.random.default_rng([7, 2])
    whole, losses = [], []
    for turn in range(2):
        other = rows.features.copy()
        other[:, 2] = rng.permutation(other[:, 2])
        scores = model.score(rows.features), model.score(other)
        for drawn in [np.arange(90), *draws(rows.groups, 100, 7 + turn)]:
            before, now = (
                average_precision(cuts(rows.labels[drawn], said[drawn]))
                for said in scores
            )
            losses.append(before - now)
        whole.append(losses.pop(turn * 100))
    low, high = np.quantile(losses, [0.025, 0.975])
    found = {one["feature"]: one for one in permutation(model, rows, 7, shuffles=2)}
    assert found["prof_skew"] == {
        "feature": "prof_skew",
        "value": round(np.mean(whole), 4),
        "low": round(low, 4),
        "high": round(high, 4),
    }


def test_the_same_seed_gives_the_same_weights():
    model, few = Linear(prof_skew=1.0, dm_mean=0.5), table(60)
    assert permutation(model, few, 3) == permutation(model, few, 3)
    assert permutation(model, few, 3) != permutation(model, few, 4)


def test_of_very_many_rows_some_are_taken():
    model = Linear(prof_skew=2.0)
    most = 100
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("pulsar_ml.evaluation.importance._MOST_ROWS", most)
        permutation(model, table(400))
    assert model.rows == most * (1 + 8 * 10)


def test_the_mean_shapley_value_of_a_linear_model_is_that_of_its_terms():
    model = Linear(prof_skew=2.0, dm_std=-0.5, dm_mean=0.1)
    # With no more than a hundred of each class all rows are taken.
    rows = np.concatenate([np.flatnonzero(LABELS == 1), np.flatnonzero(LABELS == 0)])
    few = table().take(rows[:100])
    found = mean_shapley(model, few)
    terms = np.abs(few.features * model.slopes).mean(axis=0)
    assert {one["feature"]: one["value"] for one in found} == pytest.approx(
        dict(zip(FEATURES, terms, strict=True)), abs=2e-3
    )
    assert [one["feature"] for one in found][:3] == ["prof_skew", "dm_std", "dm_mean"]


def test_pulsars_and_others_count_alike_in_shapley_values():
    model = Linear(prof_skew=1.0)
    mean_shapley(model, table(3000))
    # 256 coalitions with one background point; a hundred rows of each class.
    assert model.rows == 256 * 200
    mean_shapley(model, table(3000), most=5)
    assert model.rows == 256 * 210
