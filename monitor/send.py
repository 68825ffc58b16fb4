"""Hand work to the workers: the message is its number, the row is the truth."""

import logging

from django.conf import settings
from django.utils.timezone import now

from monitor.work import Work
from monitor.workers import workers

logger = logging.getLogger(__name__)


def send(work: Work) -> None:
    """Queue the work's number; should the broker be away, the sweep sends it again."""
    from kombu.exceptions import OperationalError  # noqa: PLC0415  # as Celery

    type(work).objects.filter(pk=work.pk).update(sent_at=now())
    try:
        workers().send_task(
            work.TASK,
            [work.pk],
            queue=work.queue,
            headers={"site_request": work.request_id},
            # A message that waited longer has been sent again meanwhile.
            expires=2 * settings.PULSAR.scheduler.resend_seconds,
        )
    except (OperationalError, OSError) as error:
        logger.warning("The broker did not take %s: %s", work, error)
