"""What an export says of a label, column by column."""

from typing import Any

from pulsar_ml.features import FEATURES
from registry.models import Label

# Each with its type in Parquet. People stand there by their numbers, as in events: a
# file that was given out could not forget a name.
COLUMNS = {
    "label": "bigint",
    "expected": "tinyint",
    "word": "varchar",
    "at": "timestamp with time zone",
    "by": "bigint",
    "origin": "varchar",
    "batch": "bigint",
    "row": "bigint",
    "name": "varchar",
    "hash": "varchar",
    **dict.fromkeys(FEATURES, "double"),
    "survey": "varchar",
    "pointing": "varchar",
    "holdout": "boolean",
}


def cells(label: Label, *, holdout: bool) -> list[Any]:
    """One label, in the order of the columns."""
    return [
        label.pk,
        int(label.is_pulsar),
        label.verdict,
        label.at,
        label.person_id,
        label.drawn,
        label.batch,
        label.row,
        label.name,
        label.hash,
        *label.features,
        label.survey,
        label.pointing,
        holdout,
    ]
