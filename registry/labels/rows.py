"""Rows of a labelled file: what each says of a candidate."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from pulsar_ml import verdicts
from pulsar_ml.datasets import observed
from pulsar_ml.datasets.pointings import POINTINGS
from pulsar_ml.features import FEATURES, candidate_hash
from pulsar_ml.formats.table import LABEL, Reject
from pulsar_ml.loader import Chunk
from registry.models.label import Word

if TYPE_CHECKING:
    import pandas as pd

_FIXED = frozenset({"row", "name", LABEL, *FEATURES})
# What a file means that tells the class alone: HTRU2 holds known pulsars and RFI.
_OF_CLASS = {1: Word.KNOWN.value, 0: Word.RFI.value}
# As the fields of a label hold.
_LONGEST = {"name": 255, "pointing": 40}


class Row(NamedTuple):
    """What one row of a file says."""

    row: int
    hash: str
    features: list[float]
    verdict: str
    name: str
    pointing: str
    observed: dict[str, float | str]


@dataclass
class Rows:
    """Takes chunks as they are read; remembers what it could not use."""

    file: str
    n: int = 0
    again: int = 0
    # What was refused since `taken` was last asked.
    refused: list[Reject] = field(default_factory=list)
    # Row and verdict of each candidate so far, by its hash.
    _seen: dict[bytes, tuple[int, str]] = field(default_factory=dict)

    def of(self, chunk: Chunk) -> Iterator[Row]:
        """Each candidate once, with what was said of it first."""
        self.refused += chunk.rejects
        pointing, others = _columns(chunk.frame)
        for values in chunk.frame.to_dict("records"):
            if not values.get(LABEL):
                # Raw candidates have none.
                self._refuse(int(values["row"]), "", "has no label")
                continue
            row = _row(values, pointing, others)
            if self._is_first(row):
                self.n += 1
                yield row

    def taken(self) -> list[Reject]:
        """What was refused, in its order, each told once."""
        refused, self.refused = sorted(self.refused), []
        return refused

    def _is_first(self, row: Row) -> bool:
        key = bytes.fromhex(row.hash)
        place, verdict = self._seen.setdefault(key, (row.row, row.verdict))
        if place != row.row and verdict == row.verdict:
            self.again += 1
        elif place != row.row:
            words = f"is {verdict} in row {place}, of the same candidate"
            self._refuse(row.row, row.verdict, words)
        return place == row.row

    def _refuse(self, row: int, value: str, reason: str) -> None:
        self.refused.append(Reject(row, self.file, None, LABEL, value, reason))


def fit(field_name: str, text: str | None) -> str:
    """As much of a text as its field holds."""
    return (text or "").strip()[: _LONGEST[field_name]]


def _columns(frame: "pd.DataFrame") -> tuple[str | None, dict[str, str]]:
    """Which column has the pointing; and those of what else was observed."""
    names: dict[str, str] = {}
    for column in frame.columns:
        if column not in _FIXED:
            is_pointing = column.strip().lower() in POINTINGS
            name = "pointing" if is_pointing else observed.clean(column, names)
            names[name] = column
    pointing = names.pop("pointing", None)
    return pointing, names


def _row(values: dict[Any, Any], pointing: str | None, others: dict[str, str]) -> Row:
    features = [float(values[name]) for name in FEATURES]
    text = str(values[LABEL])
    return Row(
        int(values["row"]),
        candidate_hash(features),
        features,
        verdicts.spoken(text) or _OF_CLASS[verdicts.teaches(text) or 0],
        fit("name", values["name"]),
        fit("pointing", values[pointing] if pointing else ""),
        seen({name: values[column] for name, column in others.items()}),
    )


def seen(texts: Mapping[str, str | None]) -> dict[str, float | str]:
    """What was observed besides, as numbers where they are; without what is empty."""
    values = {name: _value(text) for name, text in texts.items()}
    return {name: value for name, value in values.items() if value is not None}


def _value(text: str | None) -> float | str | None:
    """A number where it is one: other rows and files must compare with it."""
    try:
        number = float(text or "")
    except ValueError:
        return (text or "").strip()[: observed.LONGEST] or None
    return number if math.isfinite(number) else None
