"""What the workers do: take a number, fetch, call one verb."""

from functools import partial
from multiprocessing import RawValue
from typing import Any

from celery import Task, shared_task
from celery.signals import worker_shutting_down

from dispatch.models import Run
from dispatch.runs.execute import execute
from dispatch.runs.watched import by_worker
from monitor import logs

# The processes that work are forks of the one that is told to end, and look here.
_ends = RawValue("b", 0)


@worker_shutting_down.connect
def end_soon(**_: object) -> None:
    """Have the run in hand put back: nobody waits for it, and then it is killed."""
    _ends.value = 1


@shared_task(bind=True)
def execute_run(task: "Task[Any, Any]", run_id: int) -> None:
    """Work on a run, under the request that started it."""
    run = Run.objects.select_related("schedule").filter(pk=run_id).first()
    with logs.request(task.request.get("site_request") or ""):
        # One that comes while this ends is sent again by the sweep.
        if run and not _ends.value:
            works = partial(by_worker, run)
            execute(run, lambda: bool(_ends.value), works)
