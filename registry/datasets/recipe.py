"""How a dataset came to be, as its page tells it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from accounts.models import User
from pulsar_ml.datasets.treatments import in_words
from pulsar_ml.errors import BadInput
from registry.models import Dataset

# What labels are chosen by, in the order in which it is told.
_CHOSEN = {
    "rows": "Rows from labels",
    "surveys": "Of the surveys",
    "people": "Given by",
    "verdicts": "That say",
    "drawn": "Drawn",
    "since": "Since",
    "until": "Before",
}


class Step(NamedTuple):
    """A treatment: its name, what it did, and how many rows it left."""

    name: str
    words: str
    rows_in: int
    rows_out: int
    pulsars_in: int
    pulsars_out: int

    @property
    def n_lost(self) -> int:
        return self.rows_in - self.rows_out

    @property
    def n_pulsars_lost(self) -> int:
        return self.pulsars_in - self.pulsars_out


class Fact(NamedTuple):
    """Something that was asked for, in words."""

    name: str
    values: list[str]


def steps(dataset: Dataset) -> list[Step]:
    """Its treatments, in the order in which they were done."""
    return [
        Step(done["name"], _words(done), *(done[key] for key in Step._fields[2:]))
        for done in dataset.recipe.get("treatments", [])
    ]


def facts(dataset: Dataset) -> list[Fact]:
    """Which labels were chosen, if it was frozen with any."""
    chosen: Mapping[str, Any] = dataset.recipe.get("labels") or {}
    told = {**chosen, "people": _people(chosen.get("people", []))}
    return [
        Fact(words, [str(value) for value in _listed(told[key])])
        for key, words in _CHOSEN.items()
        if told.get(key) not in (None, "", [])
    ]


def _people(numbers: Sequence[int]) -> list[str]:
    names = dict(User.objects.filter(pk__in=numbers).values_list("pk", "username"))
    return [names.get(number, "somebody who was erased") for number in numbers]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _words(done: Mapping[str, Any]) -> str:
    """In words of today; a treatment that is known no longer, by what it was told."""
    try:
        return in_words(done)
    except BadInput:
        return ", ".join(f"{key} {value}" for key, value in done["options"].items())
