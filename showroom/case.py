"""Classify a single case, as a prediction of the day's running batch."""

from collections.abc import Mapping

import numpy as np
from django.db import transaction
from django.db.models import F
from django.utils.timezone import now

from accounts.models import User
from monitor.events import record
from monitor.work import State
from pulsar_ml.features import FEATURES
from registry import serving
from registry.metrics import inference
from registry.models import Version
from showroom.models import Batch, Prediction


def classify_case(
    features: Mapping[str, float], *, by: User, name: str = ""
) -> Prediction:
    """Score eight values and keep what was answered."""
    version, scorer = serving.champion()
    row = np.array([[features[feature] for feature in FEATURES]])
    with inference(version, source=Batch.Source.CASES, rows=1):
        probability = float(scorer.score(row)[0])
    predicted = probability >= scorer.threshold
    batch = _running_batch(version)
    with transaction.atomic():
        # The row's lock gives every case a number of its own, without a gap.
        Batch.objects.filter(pk=batch.pk).update(
            n_rows=F("n_rows") + 1,
            n_scored=F("n_scored") + 1,
            n_pulsars=F("n_pulsars") + int(predicted),
        )
        prediction = Prediction.objects.create(
            batch=batch,
            row=Batch.objects.values_list("n_rows", flat=True).get(pk=batch.pk),
            name=name,
            probability=probability,
            predicted=predicted,
            warnings=scorer.warnings(row)[0],
            by=by,
            **{feature: features[feature] for feature in FEATURES},
        )
        record(
            "case.classified",
            about=str(prediction),
            who=by,
            probability=round(probability, 6),
            version=str(version),
        )
    return prediction


def _running_batch(version: Version) -> Batch:
    at = now()
    day = at.date()
    batch, _ = Batch.objects.get_or_create(
        day=day,
        version=version,
        defaults={
            "source": Batch.Source.CASES,
            "title": f"Single cases of {day}",
            "state": State.RUNNING,
            "started_at": at,
        },
    )
    return batch
