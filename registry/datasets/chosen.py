"""Labels as rows to learn from: those that hold, and that were asked for."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime

from pulsar_ml import verdicts
from pulsar_ml.datasets import observed
from pulsar_ml.datasets.labelled import Labelled, labelled
from registry.datasets.beat import BuildBeat
from registry.models import Label
from registry.models.label import PULSARS

_AT_ONCE = 2_000
_TIMES = ("since", "until")
_FIELDS = ("name", "features", "verdict", "survey", "drawn", "pointing", "observed")


def told(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked for, for the order and the recipe of a dataset."""
    return {
        key: value.isoformat() if key in _TIMES else list(value)
        for key, value in wanted.items()
        if value
    }


def labels(order: Mapping[str, Any]) -> QuerySet[Label]:
    """Those that an order asks for, the oldest first."""
    wanted = {k: v for k, v in order.items() if k != "rows"}
    times = {k: parse_datetime(wanted[k]) for k in _TIMES if k in wanted}
    return Label.objects.chosen(**wanted | times).order_by("at", "pk")


def rows(order: Mapping[str, Any], beat: BuildBeat) -> Labelled | None:
    """The rows of those labels; None if there is none."""
    found = labels(order)
    beat.say("Gathering the labels", of=found.count())
    gathered = list(_counted(found, beat))
    return beat.aside(lambda _seen: _table(gathered)) if gathered else None


def _counted(
    found: QuerySet[Label], beat: BuildBeat
) -> Iterator[tuple[str, list[float], str, str, str, str, dict[str, Any]]]:
    lines = found.values_list(*_FIELDS).iterator(chunk_size=_AT_ONCE)
    for n, line in enumerate(lines, 1):
        yield line
        beat(n)


def _table(gathered: list[tuple[Any, ...]]) -> Labelled:
    names, features, said, surveys, drawn, pointings, noted = zip(
        *gathered, strict=True
    )
    columns = _observed(noted) | {
        verdicts.NAME: np.array(said, dtype=object),
        "survey": np.array(surveys, dtype=object),
        "drawn": np.array(drawn, dtype=object),
    }
    return labelled(
        np.array(features, dtype=np.float64),
        np.array([verdict in PULSARS for verdict in said], dtype=np.int8),
        name="labels",
        names=np.array(names, dtype=np.str_),
        pointings=np.array(pointings, dtype=np.str_),
        observed=columns,
    )


def _observed(noted: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    import pandas as pd  # slow, and no page needs it

    columns: dict[str, Any] = {}
    for name in sorted({name for row in noted for name in row}):
        texts = [_text(row.get(name)) for row in noted]
        ours = observed.clean(name, columns)
        columns[ours] = observed.column(pd.Series(texts, dtype=object))
    return columns


def _text(value: object) -> str | None:
    return None if value is None else str(value)
