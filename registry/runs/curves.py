"""The curves of several versions, one over the other."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pulsar_ml.errors import PulsarError
from registry.card import read
from registry.card.curves import FORMS, Form
from registry.models import TrainingRun, Version
from registry.runs.plot import Plot, Point, Trace, even


def curves(runs: Sequence[TrainingRun], split: str) -> list[Plot]:
    """Each kind of curve with a line of every run that has one."""
    return overlaid([(f"Run {run.pk}", run.version) for run in runs], split)


def overlaid(named: Sequence[tuple[str, Version | None]], split: str) -> list[Plot]:
    """Each kind of curve with a line of every version that keeps one."""
    kept = [(name, _kept(version, split)) for name, version in named]
    plots = []
    for kind, form in FORMS.items():
        traces = [
            Trace(place, name, list(_points(form, curves[kind])), is_line=True)
            for place, (name, curves) in enumerate(kept, 1)
            if kind in curves
        ]
        if traces:
            plots.append(_plot(form, traces))
    return plots


def _kept(version: Version | None, split: str) -> Mapping[str, Any]:
    """The curves of a version; none of one that is not there or older than them."""
    if version is None:
        return {}
    try:
        evaluation = read.read(version).evaluation
    except (PulsarError, OSError):
        return {}
    found: Mapping[str, Any] = (evaluation or {}).get("curves", {}).get(split, {})
    return found


def _points(form: Form, kept: Mapping[str, Sequence[float | None]]) -> Iterator[Point]:
    # Where nothing was predicted, nothing was observed.
    for x, y in zip(kept[form.x[0]], kept[form.y[0]], strict=True):
        if x is not None and y is not None:
            yield Point(x, y)


def _plot(form: Form, traces: Iterable[Trace]) -> Plot:
    ends = (0.0, 1.0)
    return Plot(
        form.title,
        even(form.x[1], (), ends=ends),
        even(form.y[1], (), ends=ends),
        list(traces),
    )
