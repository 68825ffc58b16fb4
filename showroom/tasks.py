"""What the workers do: take a number, fetch, call one verb."""

from typing import Any

from celery import Task, shared_task

from monitor import logs
from showroom.classify import classify
from showroom.downloads.prepare import prepare
from showroom.models import Batch, Download


@shared_task(bind=True)
def classify_batch(task: "Task[Any, Any]", batch_id: int) -> None:
    """Classify a batch, under the request that brought it."""
    batch = Batch.objects.filter(pk=batch_id).first()
    with logs.request(task.request.get("site_request") or ""):
        if batch:  # else it was deleted while its number waited
            classify(batch)


@shared_task(bind=True)
def prepare_download(task: "Task[Any, Any]", download_id: int) -> None:
    """Prepare a download, under the request that asked for it."""
    download = Download.objects.filter(pk=download_id).first()
    with logs.request(task.request.get("site_request") or ""):
        if download:  # else its batch was deleted meanwhile
            prepare(download)
