"""Exact reasons: against brute force, and by the properties that define them."""

from itertools import permutations

import numpy as np
import pytest

from pulsar_ml.explain import Shapley, log_odds, reasons, shapley
from pulsar_ml.features import FEATURES
from pulsar_ml.serving import Scorer, shipped


class Known:
    """A model of few features whose log-odds we choose; it counts its calls."""

    def __init__(self, odds, points, weights):
        self.odds, self.calls = odds, []
        self.reference = {"background": {"points": points, "weights": weights}}

    def score(self, features):
        self.calls.append(len(features))
        return (1 / (1 + np.exp(-self.odds(features)))).astype(np.float32)


POINTS = [[0.0, 1.0, 2.0], [3.0, -1.0, 0.5]]
WEIGHTS = [0.25, 0.75]
CANDIDATE = np.array([1.5, 0.7, -1.0])


def brute_force(odds, candidate):
    """By the definition: the mean gain over every order in which features join."""

    def worth(known):
        total = 0.0
        for point, weight in zip(POINTS, WEIGHTS, strict=True):
            row = [candidate[i] if i in known else point[i] for i in range(3)]
            total += weight * odds(np.array([row]))[0]
        return total

    orders = list(permutations(range(3)))
    gains = np.zeros(3)
    for order in orders:
        for place, feature in enumerate(order):
            before = set(order[:place])
            gains[feature] += worth(before | {feature}) - worth(before)
    return gains / len(orders)


@pytest.mark.parametrize(
    "odds",
    [
        lambda x: x[:, 0] * x[:, 1] + 0.3 * x[:, 2],
        lambda x: np.where(x[:, 0] > 1, x[:, 1], -x[:, 2]) + 0.1 * x[:, 0] ** 2,
        lambda x: np.sin(x[:, 0] * x[:, 1] * x[:, 2]),
    ],
)
def test_the_values_are_those_of_brute_force(odds):
    found = shapley(Known(odds, POINTS, WEIGHTS), CANDIDATE)

    np.testing.assert_allclose(
        found.contributions, brute_force(odds, CANDIDATE), atol=2e-6
    )
    assert found.base == pytest.approx(WEIGHTS @ odds(np.array(POINTS)), abs=2e-6)


def test_a_linear_model_gives_each_feature_its_own_term():
    slopes = np.array([0.5, -1.0, 0.25])
    found = shapley(Known(lambda x: x @ slopes, POINTS, WEIGHTS), CANDIDATE)

    mean = np.array(WEIGHTS) @ np.array(POINTS)
    np.testing.assert_allclose(
        found.contributions, slopes * (CANDIDATE - mean), atol=2e-6
    )


def test_a_feature_that_is_never_looked_at_adds_nothing():
    model = Known(lambda x: np.tanh(x[:, 0] * x[:, 2]), POINTS, WEIGHTS)

    assert shapley(model, CANDIDATE).contributions[1] == pytest.approx(0, abs=1e-12)


def test_two_features_that_play_the_same_part_add_the_same():
    points = [[0.0, 0.0, 2.0], [3.0, 3.0, 0.5]]
    model = Known(lambda x: np.tanh(x[:, 0] * x[:, 1]) + x[:, 2], points, WEIGHTS)
    found = shapley(model, np.array([0.8, 0.8, 1.0])).contributions

    assert found[0] == pytest.approx(found[1], abs=1e-9)
    assert abs(found[0]) > 0.05


def test_certain_scores_have_finite_log_odds():
    found = log_odds(np.array([0, 0.5, 1], dtype=np.float32))

    np.testing.assert_allclose(found, [-np.log(1e7), 0, np.log(1e7)], rtol=1e-6)


@pytest.mark.parametrize("folder", shipped(), ids=lambda folder: folder.name)
def test_the_contributions_of_a_real_model_add_up_to_its_score(folder):
    scorer = Scorer(folder)
    background = scorer.reference["background"]
    random = np.random.default_rng(0)
    low, high = np.array([scorer.reference["ranges"][name] for name in FEATURES]).T
    mean = np.array(background["weights"]) @ log_odds(
        scorer.score(np.array(background["points"]))
    )
    for candidate in random.uniform(low, high, (10, 8)):
        found = shapley(scorer, candidate)
        score = log_odds(scorer.score(candidate[None]))[0]
        assert found.log_odds == pytest.approx(score, abs=1e-6)
        assert found.base == pytest.approx(mean, abs=1e-4)  # six digits are stored
        assert np.abs(found.contributions).max() > 0.1


def test_all_coalitions_go_to_the_model_in_one_call():
    model = Known(lambda x: x[:, 0], np.zeros((100, 8)).tolist(), [0.01] * 100)
    shapley(model, np.arange(8.0))

    assert model.calls == [25_600]


def test_reasons_read_like_sentences_the_weightiest_first():
    values = np.array([110, 47.25, 3.1234, 15, 50, 55, 2.5, 10.0])
    added = np.array([0.05, -0.5, 2.5, 0.2, -1.5, 0, 0.11, -0.09])
    found = reasons(values, Shapley(-3.0, added))

    assert [reason.words for reason in found] == [
        "the profile's skewness of 3.12 speaks strongly for a pulsar",
        "the DM curve's mean of 50 speaks strongly against a pulsar",
        "the profile's standard deviation of 47.2 speaks against a pulsar",
        "the profile's excess kurtosis of 15 speaks for a pulsar",
        "the DM curve's skewness of 2.5 speaks for a pulsar",
        "the DM curve's excess kurtosis of 10 hardly matters",
        "the profile's mean of 110 hardly matters",
        "the DM curve's standard deviation of 55 hardly matters",
    ]
    assert [reason.contribution for reason in found][:2] == [2.5, -1.5]
    assert found[0].feature == "prof_skew"
