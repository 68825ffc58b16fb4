"""Answer a call for predictions: whoever asks, by whichever protocol."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from accounts.models import User
from registry.models import Model, Version
from registry.serving import Served
from showroom import rows
from showroom.errors import CannotClassify
from showroom.models import Batch
from showroom.predictions.at_once import at_once, naming
from showroom.predictions.keep import keep
from showroom.predictions.score import score
from showroom.predictions.usable import usable

# Up to so many rows are predictions of the day, more are a batch of their own.
FEW = 100


class Predicted(NamedTuple):
    """What is answered to one row."""

    id: str
    probability: float
    predicted: int
    warnings: list[str]


class Answer(NamedTuple):
    """What is answered to a call, row by row, and who said so."""

    version: Version
    threshold: float
    batch: int
    predictions: list[Predicted]


def answer(
    served: Served,
    data: Sequence[Sequence[float]] | NDArray[np.float64],
    *,
    by: User,
    private: bool = False,
) -> Answer:
    """Score the rows and keep what is answered, in the rows' order."""
    version, scorer = served
    if version.model.kind != Model.Kind.CLASSIFIER:
        kind = version.model.kind
        raise CannotClassify(f"{version} is a {kind} model: it classifies nothing.")
    features = usable(data)
    if len(features) > FEW:
        batch = at_once(version, features, by=by, private=private)
        return Answer(version, scorer.threshold, batch.pk, _scored(batch))
    if private:
        raise CannotClassify(
            f"Up to {FEW} rows are predictions of the day, which everybody sees: "
            "leave out private, or upload a file."
        )
    kept = keep(version, score(served, features, source=Batch.Source.API), by=by)
    told = [
        _predicted(
            str(one), one.probability, is_pulsar=one.predicted, codes=one.warnings
        )
        for one in kept
    ]
    return Answer(version, scorer.threshold, kept[0].batch_id, told)


def _scored(batch: Batch) -> list[Predicted]:
    """Of the very parts that the batch's pages show."""
    columns = "row, probability, predicted, warnings"
    with naming(batch), rows.scores(batch) as connection:
        found = connection.execute(f"select {columns} from scores order by row")  # noqa: S608
        return [
            _predicted(f"{batch.pk}-{row}", probability, is_pulsar=p, codes=warnings)
            for row, probability, p, warnings in found.fetchall()
        ]


def _predicted(
    prediction: str, probability: float, *, is_pulsar: bool, codes: str
) -> Predicted:
    warnings = codes.split(";") if codes else []
    return Predicted(prediction, probability, int(is_pulsar), warnings)
