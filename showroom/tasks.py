"""What the workers do: take a number, fetch, call one verb."""

from typing import Any

from celery import Task, shared_task

from monitor import logs
from showroom.classify import classify
from showroom.models import Batch


@shared_task(bind=True)
def classify_batch(task: "Task[Any, Any]", batch_id: int) -> None:
    """Classify a batch, under the request that brought it."""
    batch = Batch.objects.filter(pk=batch_id).first()
    with logs.request(task.request.get("site_request") or ""):
        if batch:  # else it was deleted while its number waited
            classify(batch)
