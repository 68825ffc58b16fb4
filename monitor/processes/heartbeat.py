"""A worker's sign of life, which holds for every broker: a Ping row of its own."""

import json
import logging
import threading
from datetime import timedelta
from typing import Any

from celery.bootsteps import StartStopStep
from django.db import DatabaseError, connections
from django.utils import timezone

from monitor.models import Ping

logger = logging.getLogger(__name__)

SECONDS = 20
# A database that is back is told soon: who was silent with it is not missed.
AGAIN = 5
PREFIX = "worker "
# Who was not heard of for so long is not counted among the silent either.
FORGOTTEN = timedelta(days=1)


class Heartbeat(StartStopStep):
    """Beats beside a worker's own loop: a database that hangs must not stop that."""

    # After the processes of the pool: none is to be forked in the midst of a beat.
    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **kwargs: Any) -> None:
        super().__init__(worker, **kwargs)
        self._over = threading.Event()
        self._beats: threading.Thread | None = None

    def start(self, worker: Any) -> None:
        """Beat from now on."""
        queues = sorted(worker.app.amqp.queues.consume_from)
        self._beats = threading.Thread(
            target=self._beat, args=[worker.hostname, queues], daemon=True
        )
        self._beats.start()

    def stop(self, worker: Any) -> None:
        """Beat no more; it will be missed, unless it is started again."""
        self._over.set()
        if self._beats:
            # It may hang in a database; then it ends with the process.
            self._beats.join(timeout=1)

    def _beat(self, name: str, queues: list[str]) -> None:
        while True:
            pause = SECONDS
            try:
                beat(name, queues)
            except DatabaseError as error:
                logger.warning("A worker could not give its sign of life: %s", error)
                pause = AGAIN
            finally:
                # A process forked later would have it open too.
                connections.close_all()
            if self._over.wait(pause):
                return


def beat(name: str, queues: list[str]) -> None:
    """Say that a worker is there, and from which queues it takes."""
    at = timezone.now()
    slug = f"{PREFIX}{name}"[:64]
    _, made = Ping.objects.get_or_create(slug=slug)
    if made:
        gone = Ping.objects.filter(slug__startswith=PREFIX)
        gone.filter(succeeded_at__lt=at - FORGOTTEN).delete()
    Ping.objects.filter(slug=slug).update(
        succeeded_at=at, by=name[:200], detail=json.dumps(queues)
    )
