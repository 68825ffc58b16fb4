"""Training runs: which are wanted, in which order, page after page."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import (
    DurationField,
    Expression,
    ExpressionWrapper,
    F,
    FloatField,
    QuerySet,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from registry.models import Dataset, Experiment, TrainingRun
from registry.runs import figures
from registry.runs.parameters import unusual
from registry.runs.tags import tagged

NEWEST = "-run"
# What a list can be sorted by, besides figures.
_COLUMNS: dict[str, F | Expression] = {
    "run": F("pk"),
    "state": F("state"),
    "experiment": F("experiment__name"),
    "dataset": F("dataset__number"),
    "algorithm": F("algorithm"),
    "policy": F("policy"),
    "took": ExpressionWrapper(
        F("finished_at") - F("started_at"), output_field=DurationField()
    ),
}


# Kept by runs and what they name, and shown by no list.
_LONG = (
    "packages",
    "notes",
    "reason",
    "dataset__recipe",
    "dataset__columns",
    "version__card",
)


@dataclass(frozen=True)
class Wanted:
    """Which runs somebody wants to see; what is empty does not matter."""

    experiment: Experiment | None = None
    dataset: Dataset | None = None
    state: str = ""
    algorithm: str = ""
    policy: str = ""
    tag: str = ""
    notes: str = ""
    figure: str = ""
    least: float | None = None
    most: float | None = None

    def among(self, runs: QuerySet[TrainingRun]) -> QuerySet[TrainingRun]:
        """Those of the runs that are wanted."""
        asked = {
            "experiment": self.experiment,
            "dataset": self.dataset,
            "state": self.state,
            "algorithm": self.algorithm,
            "policy": self.policy,
            "notes__icontains": self.notes,
        }
        runs = runs.filter(**{name: value for name, value in asked.items() if value})
        if self.tag:
            runs = tagged(runs, self.tag)
        return self._within(runs) if self.figure else runs

    def _within(self, runs: QuerySet[TrainingRun]) -> QuerySet[TrainingRun]:
        """Those that have the figure, from the least to the most."""
        ends = {"figure__gte": self.least, "figure__lte": self.most}
        given = {name: value for name, value in ends.items() if value is not None}
        measured = runs.alias(figure=value_of(self.figure))
        return measured.filter(figure__isnull=False, **given)


class Line(NamedTuple):
    """A run, what is unusual about its parameters, and the figures of its columns."""

    run: TrainingRun
    unusual: dict[str, str]
    values: list[float | None]


class Heading(NamedTuple):
    """A column's head: what a click on it sorts by, and how it is sorted now."""

    label: str
    sort: str
    sorted: str
    is_number: bool


def found(wanted: Wanted) -> QuerySet[TrainingRun]:
    """What is wanted of all runs, with what their lines show and no more."""
    runs = wanted.among(TrainingRun.objects.all())
    named = runs.select_related("experiment", "dataset", "version__model", "by")
    return named.defer(*_LONG)


def page(wanted: Wanted, sort: str, number: str | None, size: int) -> Page[TrainingRun]:
    """One page of what is wanted; the nearest there is to a number that is none."""
    # Whole rows are sorted ten times slower than their numbers.
    in_order = ordered(wanted.among(TrainingRun.objects.all()), sort)
    pages: Paginator[Any] = Paginator(in_order.values_list("pk", flat=True), size)
    numbers = pages.get_page(number)
    known = found(wanted).in_bulk(list(numbers.object_list))
    # One that is not there any more was moved out of the filter in between.
    runs = [known[pk] for pk in numbers.object_list if pk in known]
    return Page(runs, numbers.number, pages)


def ordered(runs: QuerySet[TrainingRun], sort: str) -> QuerySet[TrainingRun]:
    """By a column or figure, with a minus the largest first; without one comes last."""
    name = sort.removeprefix("-")
    by = _COLUMNS.get(name) or value_of(name)
    one = by.desc(nulls_last=True) if sort != name else by.asc(nulls_last=True)
    return runs.order_by(one, "-pk")


def sorts() -> set[str]:
    """All that a list can be sorted by."""
    names = _COLUMNS.keys() | figures.known()
    return names | {f"-{name}" for name in names}


def value_of(figure: str) -> Cast:
    """A figure of each run, as the database sorts and compares it."""
    return Cast(KeyTextTransform(figure, "metrics"), FloatField())


def lines(runs: list[TrainingRun], split: str) -> list[Line]:
    """Runs with their figures of a split."""
    keys = [figure.key for figure in figures.of_split(split)]
    return [
        Line(run, unusual(run), [run.metrics.get(key) for key in keys]) for run in runs
    ]


def headings(sort: str, split: str) -> list[Heading]:
    """The heads of the list's columns."""
    first, last = (
        [_heading(sort, name, _LABELS.get(name, name.capitalize())) for name in names]
        for names in (_FIRST, _LAST)
    )
    measured = [
        _heading(sort, figure.key, figure.label) for figure in figures.of_split(split)
    ]
    return [*first, *measured, *last]


# Figures stand between them: they are what one looks for.
_FIRST = ("run", "state", "experiment", "algorithm")
_LAST = ("dataset", "policy", "took")
_LABELS = {"policy": "Split"}
_TEXTS = frozenset({"state", "experiment", "dataset", "algorithm", "policy"})
# What one wants to see first where the largest are not it.
_SMALLEST_FIRST = frozenset({"experiment", "algorithm", "policy", "state", "took"})


def _heading(sort: str, name: str, label: str) -> Heading:
    down, is_number = f"-{name}", name not in _TEXTS
    if sort in {name, down}:
        other = name if sort == down else down
        way = "descending" if sort == down else "ascending"
        return Heading(label, other, way, is_number)
    first = name if name in _SMALLEST_FIRST else down
    return Heading(label, first, "", is_number)
