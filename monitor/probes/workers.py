"""Whether each queue has a worker that lives, and how much they have to do."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count
from django.utils import timezone

from monitor.models import Check, Ping
from monitor.probes.reading import Probe, Reading
from monitor.processes.heartbeat import FORGOTTEN, PREFIX, SECONDS
from monitor.work import Queue, State, Work

SLUG = "workers"
# Two beats may be lost to a busy machine.
SILENT = timedelta(seconds=3 * SECONDS)


class Worker(NamedTuple):
    """One worker, as it was last heard of."""

    name: str
    queues: list[str]
    last_ping: datetime
    lives: bool


def probe() -> Probe:
    """All workers of the site."""
    depends = ("broker", "database-default")
    return Probe(SLUG, Check.Kind.WORKERS, "Workers", look, depends)


def look(at: datetime | None = None) -> Reading:
    """Count who lives, what they have in hand, and what waits."""
    at = at or timezone.now()
    workers = list(_heard_of(at))
    alive = [worker for worker in workers if worker.lives]
    queues = {queue.value: _queue(queue, alive) for queue in Queue}
    active = sum(queue["active"] for queue in queues.values())
    queued = sum(queue["queued"] for queue in queues.values())
    detail = {
        "workers": [
            worker._asdict() | {"last_ping": worker.last_ping.isoformat()}
            for worker in workers
        ],
        "queues": queues,
    }
    figures = {
        "workers.count": float(len(alive)),
        "workers.active": float(active),
        "workers.queued": float(queued),
    }
    if not workers and not queued:
        words = "No worker has given a sign of life yet."
        return Reading(Check.State.NEW, words, detail, figures=figures)
    # Down as soon as one queue is nobody's.
    left = [name for name, queue in queues.items() if not queue["workers"]]
    said = f"No worker takes from the queue {' and '.join(left)}. " if left else ""
    count = f"{len(alive)} worker{'' if len(alive) == 1 else 's'}"
    summary = f"{said}{count}, {active} at work, {queued} waiting"
    state = Check.State.DOWN if left else Check.State.UP
    return Reading(state, summary, detail, figures=figures)


def _heard_of(at: datetime) -> Iterable[Worker]:
    pings = Ping.objects.filter(
        slug__startswith=PREFIX, succeeded_at__gte=at - FORGOTTEN
    )
    for ping in pings.order_by("slug"):
        seen = ping.succeeded_at or at
        yield Worker(ping.by, json.loads(ping.detail), seen, at - seen <= SILENT)


def _queue(queue: Queue, alive: Iterable[Worker]) -> dict[str, int]:
    """How many take from a queue, and how much there is in it."""
    found = {"workers": sum(queue in worker.queues for worker in alive)}
    counts: dict[str, int] = {}
    for kind in Work.__subclasses__():
        rows = kind.objects.under_way().filter(queue=queue).order_by()
        for state, n in rows.values_list("state").annotate(n=Count("pk")):
            counts[state] = counts.get(state, 0) + n
    # What is up for a retry waits as well.
    waiting = sum(counts.values()) - counts.get(State.RUNNING, 0)
    return found | {"active": counts.get(State.RUNNING, 0), "queued": waiting}
