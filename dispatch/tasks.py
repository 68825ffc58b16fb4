"""What the workers do: take a number, fetch, call one verb."""

from functools import partial
from typing import Any

from celery import Task, shared_task

from dispatch.models import Run
from dispatch.runs.execute import execute
from dispatch.runs.watched import by_worker
from monitor import ending, logs


@shared_task(bind=True)
def execute_run(task: "Task[Any, Any]", run_id: int) -> None:
    """Work on a run, under the request that started it."""
    run = Run.objects.select_related("schedule").filter(pk=run_id).first()
    with logs.request(task.request.get("site_request") or ""):
        # One that comes while this ends is sent again by the sweep.
        if run and not ending.is_near():
            works = partial(by_worker, run)
            execute(run, ending.is_near, works)
