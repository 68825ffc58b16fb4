"""Hand a batch to the workers: the message is its number, the row is the truth."""

import logging

from celery import current_app
from django.conf import settings
from django.utils.timezone import now
from kombu.exceptions import OperationalError

from showroom.models import Batch

logger = logging.getLogger(__name__)


def send(batch: Batch) -> None:
    """Queue the batch's number; should the broker be away, the sweep sends it again."""
    Batch.objects.filter(pk=batch.pk).update(sent_at=now())
    try:
        current_app.send_task(
            "showroom.tasks.classify_batch",
            [batch.pk],
            queue=batch.queue,
            headers={"site_request": batch.request_id},
            # A message that waited longer has been sent again meanwhile.
            expires=2 * settings.PULSAR.scheduler.resend_seconds,
        )
    except (OperationalError, OSError) as error:
        logger.warning("The broker did not take %s: %s", batch, error)
