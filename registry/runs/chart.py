"""A figure of many runs against a parameter, or against another figure."""

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.db.models import QuerySet

from pulsar_ml.training.parameters import PARAMETERS
from registry.models import TrainingRun
from registry.runs import figures
from registry.runs.listing import Wanted, value_of
from registry.runs.parameters import parameters
from registry.runs.plot import (
    TRACES,
    Axis,
    Plot,
    Point,
    Trace,
    even,
    logarithmic,
    named,
)

# The newest; more would be a cloud.
MOST = 2000
_PARAMETER = "parameter."
_FACTS: dict[str, tuple[str, Callable[[TrainingRun], float | str]]] = {
    "algorithm": ("Algorithm", lambda run: run.get_algorithm_display()),
    "policy": ("Split", lambda run: run.get_policy_display()),
    "dataset": ("Dataset", lambda run: str(run.dataset).capitalize()),
    "experiment": ("Experiment", lambda run: run.experiment.name),
    "seed": ("Seed", lambda run: run.seed),
    "recall": ("Recall asked for", lambda run: run.recall),
}
GROUPS = ("algorithm", "policy", "dataset", "experiment")


class Asked(NamedTuple):
    """What is drawn against what, and by what runs are told apart."""

    x: str
    y: str
    by: str
    is_logarithmic: bool = False


class Chart(NamedTuple):
    """The plot, how many runs are in it, and how many lack one of both values."""

    plot: Plot | None
    n: int
    n_without: int
    # Whether an axis with values of 0 or less was to be logarithmic.
    is_even: bool


def chart(wanted: Wanted, asked: Asked) -> Chart:
    """Draw the newest of the runs that are wanted."""
    runs = _measured(wanted, asked).order_by("-pk")[:MOST]
    placed = [(run, _value(run, asked.x), run.y) for run in runs]
    shown = [(run, x, y) for run, x, y in placed if x is not None and y is not None]
    n_without = len(placed) - len(shown)
    if not shown:
        return Chart(None, 0, n_without, is_even=False)
    across, place, is_even = _across(asked, [x for _, x, _ in shown])
    upwards = even(label(asked.y), [y for _, _, y in shown])
    points = [
        (
            str(_FACTS[asked.by][1](run)),
            Point(place(x), y, _words(run, asked, x, y), run.get_absolute_url()),
        )
        for run, x, y in shown
    ]
    plot = Plot(
        f"{label(asked.y)} over {label(asked.x)}", across, upwards, _parted(points)
    )
    return Chart(plot, len(shown), n_without, is_even=is_even)


def label(key: str) -> str:
    """What an axis says of its values."""
    if key in _FACTS:
        return _FACTS[key][0]
    if key.startswith(_PARAMETER):
        return key.removeprefix(_PARAMETER)
    return figures.figure(key).name


def across() -> list[tuple[str, list[tuple[str, str]]]]:
    """All that a figure can be drawn against, for a field to choose from."""
    names = dict.fromkeys(p.name for known in PARAMETERS.values() for p in known)
    return [
        ("parameters", [(f"{_PARAMETER}{name}", name) for name in names]),
        ("of the run", [(key, label) for key, (label, _) in _FACTS.items()]),
        *figures.choices(),
    ]


def groups() -> list[tuple[str, str]]:
    """By what runs can be told apart, for a field to choose from."""
    return [(key, label(key).lower()) for key in GROUPS]


# All that is told of a run, but for its figures: they are a lot for one or two of them.
_TOLD = (
    "algorithm",
    "policy",
    "seed",
    "recall",
    "parameters",
    "search",
    "chosen",
    "experiment__name",
    "dataset__number",
)


def _measured(wanted: Wanted, asked: Asked) -> QuerySet[Any]:
    runs = wanted.among(TrainingRun.objects.select_related("experiment", "dataset"))
    return runs.only(*_TOLD).annotate(x=value_of(asked.x), y=value_of(asked.y))


def _value(run: Any, key: str) -> float | str | None:
    """What stands across; a figure is what the database found of it."""
    if key in _FACTS:
        return _FACTS[key][1](run)
    if key.startswith(_PARAMETER):
        return parameters(run).get(key.removeprefix(_PARAMETER))
    value: float | None = run.x
    return value


def _in_order(name: str) -> str:
    """Dataset 2 stands before dataset 10."""
    return re.sub(r"\d+", lambda number: number[0].zfill(9), name)


Place = Callable[[float | str], float]


def _across(asked: Asked, values: Sequence[float | str]) -> tuple[Axis, Place, bool]:
    """The axis, where a value lies on it, and whether it had to be an even one."""
    words = label(asked.x)
    texts = {value for value in values if isinstance(value, str)}
    names = sorted(texts, key=_in_order)
    if names:
        return named(words, names), lambda value: names.index(str(value)), False
    numbers = [float(value) for value in values]
    if not asked.is_logarithmic:
        return even(words, numbers), float, False
    if min(numbers) <= 0:
        return even(words, numbers), float, True
    return logarithmic(words, numbers), lambda value: math.log10(float(value)), False


def _parted(points: Sequence[tuple[str, Point]]) -> list[Trace]:
    """A trace for each group; the smallest ones together, where they are many."""
    sizes = Counter(group for group, _ in points)
    names = [name for name, _ in sizes.most_common()]
    if len(names) > TRACES:
        names = names[: TRACES - 1]
    traces = {name: Trace(place, name, []) for place, name in enumerate(names, 1)}
    others = Trace(TRACES, "all others", [])
    for group, point in points:
        traces.get(group, others).points.append(point)
    return [*traces.values(), *([others] if others.points else [])]


def _words(run: TrainingRun, asked: Asked, x: float | str, y: float) -> str:
    across = x if isinstance(x, str) else f"{x:g}"
    return f"{run}: {label(asked.y)} {y:.4f}, {label(asked.x)} {across}"
