"""Tell which column of a database's table is which feature, and which the label."""

from collections.abc import Mapping, Sequence
from typing import Any

from pulsar_ml.features import FEATURES
from pulsar_ml.formats.columns import guess
from registry.connections import ask
from registry.datasets.from_table import title
from registry.errors import CannotBuild

_SHOWN = 20


def match(told: Mapping[str, Any]) -> dict[str, Any]:
    """The same order, with every feature and the label given a column.

    What a person has named stays; the rest is found by its name, as in files.
    """
    order = {"verb": "columns", "table": told["table"], "select": told["select"]}
    (answer,) = ask.ask(told["connection"], order)
    there = [column["name"] for column in answer["columns"]]
    named = [told["key"], told["mark"], told["label"], *told["columns"].values()]
    for name in filter(None, (*named, *told["keep"])):
        if name not in there:
            raise CannotBuild(_lacks(told, f"column {name}", there))
    found = guess([name for name in there if name not in named])
    columns = {**found.features, **told["columns"]}
    label = told["label"] or found.label
    if missing := [feature for feature in FEATURES if feature not in columns]:
        lacks = _lacks(told, f"column for {', '.join(missing)}", there)
        raise CannotBuild(f"{lacks} Say which by --map FEATURE=COLUMN.")
    if not label:
        raise CannotBuild(f"{_lacks(told, 'column of labels', there)} Say --label.")
    return {**told, "columns": columns, "label": label}


def _lacks(told: Mapping[str, Any], what: str, there: Sequence[str]) -> str:
    more = " and others" if len(there) > _SHOWN else ""
    found = ", ".join(there[:_SHOWN])
    return f"{title(told)} has no {what}; found were {found}{more}."
