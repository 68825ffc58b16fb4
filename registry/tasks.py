"""What the workers do: take a number, fetch, call one verb."""

from typing import Any

from celery import Task, shared_task

from monitor import ending, logs
from registry.datasets import build as builds
from registry.dvc.fill import fill
from registry.exports import work as exporting
from registry.gate import work as comparing
from registry.models import Build, Comparison, Export, Push, TrainingRun
from registry.pushing import work as examining
from registry.training.line import whose_turn
from registry.training.work import work


@shared_task
def train(run_id: int) -> None:
    """Work on a training, or on who stands before it, as the request that asked."""
    run = TrainingRun.objects.select_related("dataset").filter(pk=run_id).first()
    # One that comes while this ends is sent again by the sweep.
    if run and not ending.is_near():
        first = whose_turn(run)
        with logs.request(first.request_id):
            work(first, ending.is_near)


@shared_task(bind=True)
def build(task: "Task[Any, Any]", build_id: int) -> None:
    """Make a dataset or bring labels in, under the request that asked for it."""
    wanted = Build.objects.select_related("by").filter(pk=build_id).first()
    with logs.request(task.request.get("site_request") or ""):
        if wanted and not ending.is_near():
            builds.build(wanted, ending.is_near)


@shared_task
def compare(comparison_id: int) -> None:
    """Hold two versions against each other."""
    wanted = Comparison.objects.filter(pk=comparison_id).first()
    if wanted and not ending.is_near():
        with logs.request(wanted.request_id):
            comparing.work(wanted, ending.is_near)


@shared_task
def examine(push_id: int) -> None:
    """Open a foreign model in a child process, and say what became of it."""
    wanted = Push.objects.filter(pk=push_id).first()
    if wanted and not ending.is_near():
        with logs.request(wanted.request_id):
            examining.work(wanted, ending.is_near)


@shared_task
def export(export_id: int) -> None:
    """Give the new labels out as files."""
    wanted = Export.objects.select_related("model").filter(pk=export_id).first()
    if wanted and not ending.is_near():
        with logs.request(wanted.request_id):
            exporting.work(wanted, ending.is_near)
            fill(ending.is_near)


@shared_task
def fill_repository() -> None:
    """Bring in the exports that are not in the DVC repository yet."""
    fill(ending.is_near)
