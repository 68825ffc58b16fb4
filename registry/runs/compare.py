"""Several runs side by side: what was asked for, what came of it, what differs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from accounts.templatetags.times import duration
from registry.card.figures import METRICS
from registry.models import TrainingRun
from registry.runs import figures
from registry.runs.parameters import in_words

# Each has a column, and a line in the curves.
MOST = 6
_NONE = "–"


class Cell(NamedTuple):
    """What stands in a column: a text, and where it leads."""

    text: str
    url: str = ""


class Row(NamedTuple):
    """One thing that was asked for or used, of every run."""

    label: str
    cells: list[Cell]
    # What a run has not come to yet is no difference.
    absent: str | None = None

    @property
    def differs(self) -> bool:
        return len({cell.text for cell in self.cells} - {self.absent}) > 1


class Measured(NamedTuple):
    """A figure of one run: its interval, and how it stands to that of the first."""

    value: float
    low: float | None
    high: float | None
    is_best: bool
    change: float | None
    # Whether the first one's value lies within the interval: chance may be all of it.
    is_within: bool


class Line(NamedTuple):
    """One figure of every run that has it."""

    figure: figures.Figure
    cells: list[Measured | None]

    @property
    def differs(self) -> bool:
        return len({cell.value for cell in self.cells if cell}) > 1


class Comparison(NamedTuple):
    """Everything about some runs."""

    runs: list[TrainingRun]
    asked: list[Row]
    parameters: list[Row]
    figures: list[Line]
    packages: list[Row]
    # Why the figures say less than they seem to.
    warnings: list[str]


def chosen(numbers: Sequence[str]) -> list[TrainingRun]:
    """The runs of these numbers, in this order; what is no run is left out."""
    wanted = [int(n) for n in dict.fromkeys(numbers) if n.isdecimal() and len(n) < 19]
    named = TrainingRun.objects.select_related(
        "experiment", "dataset", "version__model", "by"
    )
    known = named.in_bulk(wanted[:MOST])
    return [known[pk] for pk in wanted if pk in known]


def compare(runs: list[TrainingRun], split: str) -> Comparison:
    """Put runs beside each other; their figures are those of one split."""
    return Comparison(
        runs,
        [Row(label, [cell(run) for run in runs]) for label, cell in _ASKED],
        _table([in_words(run) for run in runs]),
        _lines(runs, split),
        [row._replace(absent=_NONE) for row in _table([_code(run) for run in runs])],
        _warnings(runs, split),
    )


_ASKED: Sequence[tuple[str, Callable[[TrainingRun], Cell]]] = (
    ("Experiment", lambda run: Cell(run.experiment.name)),
    (
        "Dataset",
        lambda run: Cell(
            f"{run.dataset.number} · {run.dataset.name}", run.dataset.get_absolute_url()
        ),
    ),
    ("Algorithm", lambda run: Cell(run.get_algorithm_display())),
    ("Split", lambda run: Cell(run.get_policy_display())),
    ("Seed", lambda run: Cell(str(run.seed))),
    ("Recall asked for", lambda run: Cell(f"{run.recall:g}")),
    ("By", lambda run: Cell(str(run.by or "the site"))),
    ("Took", lambda run: Cell(duration(run.took))),
    ("Tags", lambda run: Cell(", ".join(run.tags) or _NONE)),
)


def _table(columns: Sequence[Mapping[str, str]]) -> list[Row]:
    """A row for each name that any column has."""
    names = dict.fromkeys(name for column in columns for name in column)
    return [
        Row(name, [Cell(column.get(name, _NONE)) for column in columns])
        for name in names
    ]


def _code(run: TrainingRun) -> dict[str, str]:
    return {"commit": run.git_commit[:12] or _NONE, **run.packages}


def _lines(runs: Sequence[TrainingRun], split: str) -> list[Line]:
    wanted = [*figures.of_split(split, METRICS), figures.figure("threshold")]
    lines = [Line(figure, _measured(runs, figure)) for figure in wanted]
    return [line for line in lines if any(line.cells)]


def _measured(
    runs: Sequence[TrainingRun], figure: figures.Figure
) -> list[Measured | None]:
    found = [_figure(run, figure.key) for run in runs]
    values = [one["value"] for one in found if one]
    best = max(values, key=lambda value: figure.better * value, default=None)
    # Where all are the same none is best, nor where more is neither better nor worse.
    marked = best if figure.better and len(set(values)) > 1 else None
    first = found[0]
    cells = [_cell(one, first, marked) for one in found[1:]]
    return [_cell(first, None, marked), *cells]


def _cell(
    one: Mapping[str, Any] | None, first: Mapping[str, Any] | None, best: float | None
) -> Measured | None:
    if one is None:
        return None
    value, low, high = one["value"], one.get("low"), one.get("high")
    change = value - first["value"] if first else None
    known = None not in (low, high)
    is_within = bool(known and first and low <= first["value"] <= high)
    return Measured(value, low, high, value == best, change, is_within)


def _figure(run: TrainingRun, key: str) -> Mapping[str, Any] | None:
    """With its interval where the version's card has one."""
    value = run.metrics.get(key)
    if value is None:
        return None
    split, _, metric = key.rpartition(".")
    card = run.version.card if run.version else {}
    kept = card.get("metrics", {}).get(split, {}).get(metric) or {}
    return {"value": value, "low": kept.get("low"), "high": kept.get("high")}


def _warnings(runs: Sequence[TrainingRun], split: str) -> list[str]:
    told = []
    if len({run.dataset_id for run in runs}) > 1:
        told.append(
            "They learned from different datasets, so that each was tested on rows of"
            " its own: a difference may come from the rows."
        )
    if split != "holdout" and len({run.seed for run in runs}) > 1:
        told.append("Their folds were cut with different seeds.")
    if waiting := [str(run) for run in runs if run.is_under_way]:
        told.append(f"Not at the end yet: {', '.join(waiting)}.")
    return told
