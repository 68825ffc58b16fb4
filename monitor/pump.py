"""Moves what happened from the outbox into the event log, in order and once each."""

import logging
import time

from django.conf import settings
from django.db import DatabaseError, connections, transaction

from monitor.leases import hold
from monitor.models import Event, Outbox

logger = logging.getLogger(__name__)

BATCH = 500


def pump() -> int:
    """Move what waits and say how much that was; without the log, try again later."""
    if not Outbox.objects.exists():
        return 0
    lease = settings.PULSAR.scheduler.lease_seconds
    with hold("pump", lease) as held:
        # Well inside the lease: a long queue is moved in several goes.
        return _move(within=lease / 3) if held else 0


def _move(within: float) -> int:
    moved = 0
    end = time.monotonic() + within
    while time.monotonic() < end:
        rows = list(Outbox.objects.order_by("id")[:BATCH])
        if not rows:
            break
        try:
            _copy(rows)
        except DatabaseError as error:
            # A connection that broke stays broken until it is closed.
            connections["events"].close()
            logger.warning("Events wait for the event log: %s", error)
            break
        Outbox.objects.filter(pk__in=[row.pk for row in rows]).delete()
        moved += len(rows)
    return moved


def _copy(rows: list[Outbox]) -> None:
    """Add the rows the log lacks; some may stand there since a pump was killed."""
    with transaction.atomic("events"):
        wanted = [row.uuid for row in rows]
        there = set(
            Event.objects.filter(uuid__in=wanted).values_list("uuid", flat=True)
        )
        Event.objects.bulk_create(_event(row) for row in rows if row.uuid not in there)


def _event(row: Outbox) -> Event:
    return Event(
        uuid=row.uuid,
        at=row.at,
        kind=row.kind,
        who=row.who,
        about=row.about,
        detail=row.detail,
        request_id=row.request_id,
    )
