"""Work that a worker does; its row is the truth, and the message only its number."""

from datetime import datetime, timedelta
from typing import ClassVar, Self, TypeVar

from django.db import models

_Some = TypeVar("_Some", bound="Work")


class Stopped(Exception):
    """Base of what ends a worker's work from outside."""


class LeaseLost(Stopped):
    """Another worker has taken the work over; this one must write no more."""


class Cancelled(Stopped):
    """Somebody asked for the work to stop."""


class Interrupted(Stopped):
    """The process that works on it is to end; another goes on."""


class State(models.TextChoices):
    """How far a piece of work is."""

    QUEUED = "queued"
    RUNNING = "running"
    UP_FOR_RETRY = "up_for_retry", "up for retry"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


# Neither ended nor to be touched by anybody but workers and the sweep.
_UNDER_WAY = (State.QUEUED, State.RUNNING, State.UP_FOR_RETRY)
# Nobody works on it any more.
ENDED = (State.SUCCESS, State.FAILED, State.CANCELLED, State.SKIPPED)


class Queue(models.TextChoices):
    """Which workers take it: those who are free soon, or those for the long."""

    INTERACTIVE = "interactive"
    HEAVY = "heavy"


class WorkQuerySet(models.QuerySet[_Some]):
    """Questions about many pieces of work."""

    def under_way(self) -> Self:
        """Those that a worker has, or should get."""
        return self.filter(state__in=_UNDER_WAY)


class Work(models.Model):
    """What stands in a queue, is leased to a worker, and comes to an end."""

    # The task that takes its number.
    TASK: ClassVar[str]
    # What is recorded when the sweep changes its state, by the new state.
    EVENTS: ClassVar[dict[State, str]] = {}
    # What else its row is given together with a state.
    ALONG: ClassVar[dict[State, dict[str, object]]] = {}

    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    reason = models.CharField(max_length=500, blank=True)
    queue = models.CharField(max_length=12, choices=Queue, default=Queue.INTERACTIVE)
    cancel_requested = models.BooleanField(default=False)
    # Who works on it: a lease that ends by itself when its holder dies.
    holder = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    # Work that is up for retry waits until then, or until there is room.
    not_before = models.DateTimeField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = WorkQuerySet.as_manager()

    class Meta:
        abstract = True

    def count_end(self, state: State) -> None:
        """Told in the transaction that ends it, for those who keep count."""

    @property
    def is_under_way(self) -> bool:
        """Whether its page should look again."""
        return self.state in _UNDER_WAY

    @property
    def took(self) -> timedelta | None:
        """From the first worker's start to the end."""
        if not self.started_at or not self.finished_at:
            return None
        # A clock may be put back meanwhile.
        return max(timedelta(0), self.finished_at - self.started_at)

    @property
    def ahead(self) -> int:
        """How many that came before it wait for the same workers, or have them."""
        return sum(
            kind.objects.under_way()
            .filter(queue=self.queue, created_at__lt=self.created_at)
            .count()
            for kind in Work.__subclasses__()
        )

    def seconds_left(self, at: datetime, done: int, of: int) -> int | None:
        """How long the rest takes at the pace so far; None while nobody can tell."""
        if not self.started_at or not done:
            return None
        elapsed = max(0.0, (at - self.started_at).total_seconds())
        return round(elapsed * (of - done) / done)
