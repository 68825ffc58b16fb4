"""Learn from labelled candidates to tell a pulsar's probability."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator  # noqa: TID253  only training imports this module
from sklearn.ensemble import (  # noqa: TID253
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression  # noqa: TID253
from sklearn.pipeline import Pipeline, make_pipeline  # noqa: TID253
from sklearn.preprocessing import PolynomialFeatures, PowerTransformer  # noqa: TID253
from threadpoolctl import threadpool_limits

from pulsar_ml import splits
from pulsar_ml.datasets import holdout
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.training.parameters import PARAMETERS

DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    algorithm: {parameter.name: parameter.default for parameter in parameters}
    for algorithm, parameters in PARAMETERS.items()
}


class Model:
    """A classifier of candidates whose scores are calibrated probabilities.

    One base model is fitted to all rows; a sigmoid on its raw score is fitted to
    scores that the base gave rows it had not seen (Platt 1999, Advances in Large
    Margin Classifiers, 61). One model and not one a fold: a fifth of the size and
    time. Features are rounded to float32 first, as they are when it serves.

    Parameters
    ----------
    algorithm : {"random_forest", "gradient_boosting", "logistic_regression"}
        What learns. Logistic regression works on the features made normal
        (Yeo & Johnson 2000, Biometrika 87, 954), their squares and products.
    parameters : mapping, optional
        What differs from `DEFAULTS` of the algorithm.
    folds : int
        Parts for the scores of rows not seen. 0: nothing is calibrated, which is
        enough for ranking and takes a sixth of the time.
    seed : int
        Of everything random; the same seed gives the same model.
    jobs : int
        Threads of a forest's training; they change no result.

    Attributes
    ----------
    base_ : object
        The fitted scikit-learn model.
    slope_, intercept_ : float
        The sigmoid: logit of the probability = slope x raw score + intercept.
    out_of_fold_ : ndarray of shape (n_rows,)
        The calibrated probability of each training row by a base that had not
        seen it: what a threshold may be chosen on.
    """

    def __init__(
        self,
        algorithm: str = "random_forest",
        parameters: Mapping[str, Any] | None = None,
        *,
        folds: int = 5,
        seed: int = 0,
        jobs: int = 1,
    ) -> None:
        self.algorithm = algorithm
        self.parameters = parameters
        self.folds = folds
        self.seed = seed
        self.jobs = jobs

    def fit(self, table: Labelled, unseen: NDArray[np.float64] | None = None) -> Self:
        """Learn from labelled rows; every fit of the package is this one.

        Parameters
        ----------
        table : Labelled
            Rows of one group, such as one pointing, stay on one side of each inner
            cut. The sigmoid does not know of weights: probabilities are calibrated to
            the rows as they are.
        unseen : ndarray of shape (n_rows,), optional
            What `raw` said of each row in the folds that would be cut here, where that
            is known already: nothing is fitted twice.

        Returns
        -------
        Model
            Itself.

        Raises
        ------
        Barred
            If a row is in the hold-out or in the sentinel set.
        """
        holdout.guard(table)
        rows, labels, weights = _rounded(table.features), table.labels, table.weights
        # The order of additions depends on the number of threads, and with it the
        # last bits of a boosted tree.
        with threadpool_limits(limits=1):
            self.base_ = self._fitted(rows, labels, weights)
            self.slope_, self.intercept_ = 1.0, 0.0
            if self.folds:
                raw = self._unseen(table) if unseen is None else unseen
                self._calibrate(raw, table.labels)
        return self

    def probability(self, features: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Score rows with scikit-learn itself; what serves is the ONNX of it.

        Parameters
        ----------
        features : ndarray of shape (n_rows, 8)
            In the order of `pulsar_ml.features.FEATURES`.

        Returns
        -------
        ndarray of shape (n_rows,)
            The probability that the row is a pulsar.
        """
        return self._calibrated(self.raw(features))

    def raw(self, features: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Score rows by the base alone.

        Parameters
        ----------
        features : ndarray of shape (n_rows, 8)
            In the order of `pulsar_ml.features.FEATURES`.

        Returns
        -------
        ndarray of shape (n_rows,)
            What the sigmoid is put upon.
        """
        return _raw_score(self.base_, _rounded(features))

    def all_parameters(self) -> dict[str, Any]:
        """Tell what the algorithm is run with.

        Returns
        -------
        dict
            The defaults, overruled by what was given.
        """
        return {**DEFAULTS[self.algorithm], **(self.parameters or {})}

    def _unseen(self, table: Labelled) -> NDArray[np.float64]:
        rows, labels, weights = _rounded(table.features), table.labels, table.weights
        raw = np.empty(len(labels))
        cuts = splits.grouped(labels, table.groups, self.folds, self.seed)
        for train, test in cuts:
            part = self._fitted(rows[train], labels[train], weights[train])
            raw[test] = _raw_score(part, rows[test])
        return raw

    def _calibrate(self, raw: NDArray[np.float64], labels: NDArray[np.int8]) -> None:
        sigmoid = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-8)
        sigmoid.fit(raw[:, None], labels)
        self.slope_ = float(sigmoid.coef_[0, 0])
        self.intercept_ = float(sigmoid.intercept_[0])
        self.out_of_fold_ = self._calibrated(raw)

    def _calibrated(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        # A row far from all others may have odds beyond any number: its score is 0.
        with np.errstate(over="ignore"):
            return 1 / (1 + np.exp(-(self.slope_ * raw + self.intercept_)))

    def _fitted(
        self,
        rows: NDArray[np.float64],
        labels: NDArray[np.int8],
        weights: NDArray[np.float64],
    ) -> BaseEstimator:
        base = self._new_base()
        if (weights == 1).all():
            # Not the same to a forest: with weights it draws its rows in another way.
            return base.fit(rows, labels)
        if isinstance(base, Pipeline):
            last = base.steps[-1][0]
            return base.fit(rows, labels, **{f"{last}__sample_weight": weights})
        return base.fit(rows, labels, sample_weight=weights)

    def _new_base(self) -> BaseEstimator:
        chosen = self.all_parameters()
        if self.algorithm == "random_forest":
            return RandomForestClassifier(
                **chosen, random_state=self.seed, n_jobs=self.jobs
            )
        if self.algorithm == "gradient_boosting":
            return HistGradientBoostingClassifier(
                **chosen, early_stopping=False, random_state=self.seed
            )
        return make_pipeline(
            PowerTransformer(),
            PolynomialFeatures(2, include_bias=False),
            LogisticRegression(**chosen, max_iter=5000, tol=1e-6),
        )


def _rounded(features: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Values as float32 has them, held in float64 so that sums are exact enough."""
    return features.astype(np.float32).astype(np.float64)


def _raw_score(base: BaseEstimator, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-odds where the algorithm has them, the share of trees' votes of a forest."""
    if isinstance(base, RandomForestClassifier):
        # Threads add the trees up in any order; one thread always in the same.
        base.set_params(n_jobs=1)
        return np.asarray(base.predict_proba(rows)[:, 1])
    return np.asarray(base.decision_function(rows))
