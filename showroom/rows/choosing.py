"""Which rows of a batch are wanted, as a condition in SQL."""

from collections.abc import Mapping
from typing import Any

from pulsar_ml.features import FEATURES
from showroom.forms import range_of
from showroom.verdicts.chosen import Judged

# A score is a float32 and is shown with the fewest digits that give it again; whoever
# asks for what is shown means just this float32.
_RANGES = {"probability": ("low", "high", "?::float")} | {
    name: (*range_of(name), "?") for name in FEATURES
}

# Numbers of rows that the database has told, as one text.
_LISTED = "select unnest(string_split(?, ',')::bigint[])"


def where(wanted: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The condition on `scores` for the rows that are wanted, and its values."""
    conditions: list[tuple[str, Any]] = []
    for column, (low, high, bound) in _RANGES.items():
        if wanted[low] is not None:
            conditions.append((f"{column} >= {bound}", wanted[low]))
        if wanted[high] is not None:
            conditions.append((f"{column} <= {bound}", wanted[high]))
    if wanted["predicted"]:
        conditions.append(("predicted = ?", int(wanted["predicted"])))
    if wanted["warning"] == "none":
        conditions.append(("warnings = ?", ""))
    elif wanted["warning"]:
        conditions.append(("contains(warnings, ?)", wanted["warning"]))
    if text := wanted["text"]:
        # Of millions of names, to turn each small takes longer than to search it.
        is_caseless = text.lower() == text.upper()
        name, part = ("name", "?") if is_caseless else ("lower(name)", "lower(?)")
        conditions.append((f"contains({name}, {part})", text))
    conditions += _judged(wanted.get("judged"))
    clause = " and ".join(condition for condition, _ in conditions) or "true"
    return clause, [value for _, value in conditions]


def _judged(judged: Judged | None) -> list[tuple[str, Any]]:
    if judged is None:
        return []
    among = "in" if judged.among else "not in"
    return [(f"row {among} ({_LISTED})", judged.numbers)]
