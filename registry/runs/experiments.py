"""Experiments with what their runs came to."""

from typing import Any, NamedTuple

from django.db.models import Count, Max, Q, Window
from django.db.models.functions import RowNumber

from monitor.work import State
from registry.models import Experiment, TrainingRun
from registry.runs.listing import value_of

# By which the best run of an experiment is told; it needs no threshold.
BEST = "holdout.average_precision"


class Listed(NamedTuple):
    """An experiment, its counts, and its best run so far."""

    # With n, n_done and last besides its own columns.
    experiment: Any
    best: TrainingRun | None

    @property
    def figure(self) -> float | None:
        return self.best.metrics[BEST] if self.best else None


def listed() -> list[Listed]:
    """All of them, what was worked on last first."""
    counted = Experiment.objects.select_related("created_by").annotate(
        n=Count("runs"),
        n_done=Count("runs", filter=Q(runs__state=State.SUCCESS)),
        last=Max("runs__created_at"),
    )
    newest = sorted(counted, key=lambda one: one.last or one.created_at, reverse=True)
    best = _best()
    return [Listed(experiment, best.get(experiment.pk)) for experiment in newest]


def _best() -> dict[int, TrainingRun]:
    """The best run of each experiment that has any, by the experiment."""
    figure = value_of(BEST)
    # Found by its number: whole rows are sorted ten times slower.
    rank = Window(
        RowNumber(), partition_by="experiment", order_by=[figure.desc(), "-pk"]
    )
    measured = TrainingRun.objects.alias(figure=figure).filter(figure__isnull=False)
    first = measured.alias(rank=rank).filter(rank=1).values_list("pk", flat=True)
    told = TrainingRun.objects.only("experiment", "algorithm", "metrics")
    found = told.in_bulk(list(first))
    return {run.experiment_id: run for run in found.values()}
