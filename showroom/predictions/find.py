"""A prediction by its id, wherever it stands by now."""

import re

from accounts.models import User
from pulsar_ml.features import FEATURES
from showroom import rows
from showroom.models import Batch, Prediction

# As `<batch>-<row>`; no database has larger numbers.
_ID = re.compile(r"([0-9]{1,18})-([0-9]{1,18})", re.ASCII)


def find(prediction: str, *, by: User) -> Prediction | None:
    """The one that this person means and may see; of a reject there is none.

    One that is sealed, or was a batch's from the start, is read from its part: who
    asked for it, and when, does not stand there.
    """
    meant = _ID.fullmatch(prediction)
    if meant is None:
        return None
    number, row = map(int, meant.groups())
    batch = Batch.objects.visible_to(by).newest().filter(pk=number).first()
    if batch is None:
        return None
    of_the_day = Prediction.objects.select_related("batch__version__model", "by")
    kept = of_the_day.filter(batch=batch, row=row).first() if batch.day else None
    return kept or _of_part(batch, row)


def _of_part(batch: Batch, number: int) -> Prediction | None:
    row = rows.one(batch, number)
    if row is None:
        return None
    made = Prediction(
        batch=batch,
        row=number,
        probability=row["probability"],
        predicted=bool(row["predicted"]),
        warnings=row["warnings"],
        **{feature: row[feature] for feature in FEATURES},
    )
    # Who has no name is called by the number.
    made.name = "" if row["name"] == str(made) else row["name"] or ""
    return made
