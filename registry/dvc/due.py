"""Whether something is to be brought into the repository, and who is told so."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from monitor.work import Queue
from monitor.workers import workers
from registry.models import Export

AGAIN = timedelta(minutes=10)
logger = logging.getLogger(__name__)


def send(at: datetime) -> bool:
    """Have a worker bring in what waits and was not tried of late."""
    from kombu.exceptions import OperationalError  # noqa: PLC0415  # as Celery

    if settings.PULSAR.export.dvc_repository is None:
        return False
    late = Q(dvc_tried_at=None) | Q(dvc_tried_at__lt=at - AGAIN)
    waiting = Export.objects.waiting_for_dvc().filter(late)
    # Whoever comes to it late finds it done, or held.
    if not waiting.update(dvc_tried_at=at):
        return False
    try:
        workers().send_task("registry.tasks.fill_repository", queue=Queue.HEAVY)
    except (OperationalError, OSError) as error:
        logger.warning("The broker did not take the exports: %s", error)
    return True
