"""Classify a single case, as a prediction of the day's running batch."""

from collections.abc import Mapping

import numpy as np

from accounts.models import User
from pulsar_ml.cases import Case
from pulsar_ml.features import FEATURES
from registry import serving
from showroom.models import Batch, Prediction
from showroom.predictions.keep import keep
from showroom.predictions.score import score


def classify_case(
    features: Mapping[str, float], *, by: User, name: str = ""
) -> Prediction:
    """Score eight values and keep what was answered."""
    served = serving.champion()
    row = np.array([[features[feature] for feature in FEATURES]])
    scored = score(served, row, source=Batch.Source.CASES)
    (prediction,) = keep(served.version, scored, by=by, name=name, is_told=True)
    return prediction


def classify_ready(case: Case, *, by: User) -> Prediction:
    """Score a ready case under its title."""
    values = dict(zip(FEATURES, map(float, case.candidate().features()), strict=True))
    return classify_case(values, by=by, name=case.title)
