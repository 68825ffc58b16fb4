"""The parameters of a run: what it was asked to use, try, and what it chose."""

from collections.abc import Sequence
from typing import NamedTuple

from pulsar_ml.training.parameters import PARAMETERS, Number
from registry.models import TrainingRun


def parameters(run: TrainingRun) -> dict[str, Number]:
    """All that it is run with; what is still being searched is left out."""
    defaults = {p.name: p.default for p in PARAMETERS[run.algorithm]}
    known = {**defaults, **run.parameters, **run.chosen}
    searched = run.search.keys() - run.chosen.keys()
    return {name: value for name, value in known.items() if name not in searched}


def in_words(run: TrainingRun) -> dict[str, str]:
    """Each with its value; what is still being searched with what is tried."""
    told = {name: written(value) for name, value in parameters(run).items()}
    tried = {name: f"one of {_row(v)}" for name, v in run.search.items()}
    return {**tried, **told}


class Setting(NamedTuple):
    """A parameter, its value in words, and among which values it was chosen."""

    name: str
    value: str
    tried: str


def settings(run: TrainingRun) -> list[Setting]:
    """All parameters, as the run's page tells them."""
    tried = {name: _row(run.search[name]) for name in run.search if name in run.chosen}
    return [
        Setting(name, value, tried.get(name, ""))
        for name, value in in_words(run).items()
    ]


def unusual(run: TrainingRun) -> dict[str, str]:
    """Those alone in which it differs from the algorithm's defaults."""
    defaults = {p.name: written(p.default) for p in PARAMETERS[run.algorithm]}
    told = in_words(run)
    return {name: told[name] for name in told if told[name] != defaults.get(name)}


def written(value: Number) -> str:
    """A number as short as it can be written."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _row(values: Sequence[Number]) -> str:
    return ", ".join(map(written, values))
