"""Freezing treats rows on the side of the hold-out that their candidates are on."""

import numpy as np
import pytest
from django.utils.timezone import now

from monitor.work import State
from pulsar_ml.datasets.holdout import in_holdout, trainable
from pulsar_ml.datasets.treatments import parse
from pulsar_ml.tests import simulated
from registry.datasets.freeze import ask_for
from registry.models import Label
from registry.tests import made
from registry.tests.tables import ended
from registry.tests.test_build import rows

pytestmark = pytest.mark.django_db


def test_labels_without_a_pointing_change_no_side_and_no_weight(storage):
    table = simulated.table(100)
    base = made.dataset(table)
    # By its own hash, each of these would be on the other side.
    strays = [
        place
        for place, digest in enumerate(table.hashes)
        if in_holdout(digest) and not table.holdout[place]
    ]
    assert strays
    Label.objects.bulk_create(
        Label(
            hash=table.hashes[place],
            features=table.features[place].tolist(),
            verdict="KNOWN_PSR" if table.labels[place] else "RFI",
            drawn=Label.Drawn.AUDIT,
            at=now(),
        )
        for place in strays
    )
    steps = [parse("deduplicate"), parse("weights:rule=balanced")]
    build = ended(ask_for(base, labels={}, steps=steps, by=None, send_it=False))

    assert build.state == State.SUCCESS, build.reason
    held = rows(build.dataset)
    assert (held.holdout == table.holdout).all()
    learned = trainable(held)
    sums = [learned.weights[learned.labels == label].sum() for label in (0, 1)]
    assert sums == pytest.approx([len(learned) / 2] * 2)
    assert set(held.weights[held.holdout]) == {1.0}
    assert np.isfinite(held.weights).all()
