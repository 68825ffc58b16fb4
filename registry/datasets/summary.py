"""What was counted of a dataset when it was made, as its page shows it."""

import json
from collections.abc import Mapping
from typing import Any

from pulsar_ml.datasets.describe import SUMMARY
from pulsar_ml.explain import NAMES
from registry.models import Dataset


def summary(dataset: Dataset) -> Mapping[str, Any] | None:
    """What lies beside its rows; None if it is not there or cannot be read."""
    try:
        found: Mapping[str, Any] = json.loads((dataset.folder / SUMMARY).read_bytes())
    except (OSError, ValueError):
        return None
    return found


def labels(dataset: Dataset) -> dict[str, str]:
    """What people call each of its numbers, by column."""
    return {column["name"]: _label(column) for column in dataset.columns}


def _label(column: Mapping[str, str]) -> str:
    name = column["name"]
    if name in NAMES:
        words = NAMES[name].removeprefix("the ")
        return words[0].upper() + words[1:]
    return f"{name} ({column['unit']})" if column.get("unit") else name
