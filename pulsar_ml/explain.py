"""Why a candidate has its score: what each feature adds to the log-odds, exactly."""

from collections.abc import Mapping
from math import comb
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.features import FEATURES

# Scores are float32: one that rounds to 0 or 1 would have infinite log-odds.
_LEAST = 1e-7
# In log-odds: the odds change by a factor of e, and by less than a tenth.
_STRONG, _NOTHING = 1.0, 0.1

NAMES = {
    "prof_mean": "the profile's mean",
    "prof_std": "the profile's standard deviation",
    "prof_skew": "the profile's skewness",
    "prof_exkurt": "the profile's excess kurtosis",
    "dm_mean": "the DM curve's mean",
    "dm_std": "the DM curve's standard deviation",
    "dm_skew": "the DM curve's skewness",
    "dm_exkurt": "the DM curve's excess kurtosis",
}


class Model(Protocol):
    """What can be explained; `pulsar_ml.serving.Scorer` is one."""

    @property
    def reference(self) -> Mapping[str, Any]:
        """Summary of the training rows; its background has points and weights."""

    def score(self, features: NDArray[np.float64]) -> NDArray[np.float32]:
        """Give each row its probability.

        Parameters
        ----------
        features : ndarray of shape (n_rows, n_features)
            Rows to score.

        Returns
        -------
        ndarray of float32, shape (n_rows,)
            The probability that the row is a pulsar.
        """


class Shapley(NamedTuple):
    """The log-odds of a score, taken apart.

    Attributes
    ----------
    base : float
        The mean log-odds over the background: what is said of an unknown candidate.
    contributions : ndarray of shape (n_features,)
        What each feature adds to it, in log-odds; positive speaks for a pulsar.
    """

    base: float
    contributions: NDArray[np.float64]

    @property
    def log_odds(self) -> float:
        """Natural logarithm of p / (1 - p): base and contributions together.

        Returns
        -------
        float
            The candidate's own log-odds.
        """
        return self.base + float(self.contributions.sum())


class Reason(NamedTuple):
    """What one feature says, with its value and its share of the log-odds."""

    feature: str
    value: float
    contribution: float
    words: str


def log_odds(probability: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Turn probabilities into log-odds.

    Parameters
    ----------
    probability : ndarray
        Between 0 and 1; taken as at least 1e-7 away from both.

    Returns
    -------
    ndarray of float64
        The natural logarithm of p / (1 - p), of the same shape.
    """
    p = np.clip(np.asarray(probability, dtype=np.float64), _LEAST, 1 - _LEAST)
    return np.asarray(np.log(p / (1 - p)))


def shapley(model: Model, features: NDArray[np.float64]) -> Shapley:
    """Compute exact interventional Shapley values of the log-odds.

    The value of a coalition is the mean log-odds over the background points, with
    the features in the coalition set to the candidate's (Lundberg and Lee 2017,
    NeurIPS 30, 4765; interventional after Janzing et al. 2020, AISTATS 108, 2907).
    All 2**n coalitions are scored, so nothing is sampled: the contributions add up
    to the candidate's log-odds less the mean of the background's.

    Parameters
    ----------
    model : Model
        Scores rows, in one call here, and knows its background points.
    features : ndarray of shape (n_features,)
        Of the candidate, finite; eight of them make 256 coalitions.

    Returns
    -------
    Shapley
        The base value, and the contributions in the order of the features.
    """
    background = model.reference["background"]
    points = np.asarray(background["points"], dtype=np.float64)
    shares = np.asarray(background["weights"], dtype=np.float64)
    shares = shares / shares.sum()  # they were rounded when they were stored
    members = _coalitions(len(features))
    rows = np.where(members[:, None, :], features, points)
    scores = model.score(rows.reshape(-1, len(features)))
    worth = log_odds(scores).reshape(len(members), len(points)) @ shares
    return Shapley(float(worth[0]), _weights(members) @ worth)


def reasons(features: NDArray[np.float64], explained: Shapley) -> list[Reason]:
    """Say what each feature speaks for.

    Parameters
    ----------
    features : ndarray of shape (8,)
        In the order of `pulsar_ml.features.FEATURES`.
    explained : Shapley
        What `shapley` gave for them.

    Returns
    -------
    list of Reason
        The weightiest first. From 1 on, where the odds change by a factor of e, a
        feature speaks "strongly"; below 0.1 it "hardly matters".
    """
    order = np.argsort(-np.abs(explained.contributions), kind="stable").tolist()
    return [
        _reason(
            FEATURES[place],
            float(features[place]),
            float(explained.contributions[place]),
        )
        for place in order
    ]


def _reason(feature: str, value: float, contribution: float) -> Reason:
    subject = f"{NAMES[feature]} of {value:.3g}"
    if abs(contribution) < _NOTHING:
        return Reason(feature, value, contribution, f"{subject} hardly matters")
    how = "speaks strongly" if abs(contribution) >= _STRONG else "speaks"
    side = "for a pulsar" if contribution > 0 else "against a pulsar"
    return Reason(feature, value, contribution, f"{subject} {how} {side}")


# Every subset of n features, the empty one first: shape (2**n, n).
def _coalitions(n: int) -> NDArray[np.bool_]:
    return (np.arange(2**n)[:, None] >> np.arange(n) & 1).astype(bool)


# What each coalition's worth counts for each feature: shape (n, 2**n). A coalition of
# s others counts s! (n - s - 1)! / n! = 1 / (n binom(n - 1, s)), added with the feature
# in it and subtracted without (Shapley 1953, Annals of Mathematics Studies 28, 307).
def _weights(members: NDArray[np.bool_]) -> NDArray[np.float64]:
    n = members.shape[1]
    share = np.array([1 / (n * comb(n - 1, size)) for size in range(n)])
    size = members.sum(axis=1)
    with_it = share[np.maximum(size - 1, 0)][:, None]
    without_it = share[np.minimum(size, n - 1)][:, None]
    return np.asarray(np.where(members, with_it, -without_it).T)
