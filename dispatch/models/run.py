"""One attempt to serve a slot, or a run that a person asked for."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse

from dispatch.models.schedule import Schedule
from dispatch.models.slot import Slot
from monitor.metrics.add import add
from monitor.work import Queue, State, Work
from registry.models import Version
from showroom.models import Batch

_CLOSED: dict[str, object] = {"open": None, "place": None}


class Run(Work):
    """One run of a schedule, or the record of a start that was refused."""

    class Trigger(models.TextChoices):
        CLOCK = "clock", "the clock"
        HAND = "hand", "by hand"
        CATCH_UP = "catch-up", "a missed slot"
        WAITED = "waited", "a slot that waited"

    TASK: ClassVar[str] = "dispatch.tasks.execute_run"
    EVENTS: ClassVar[dict[State, str]] = {
        State.QUEUED: "run.resumed",
        State.FAILED: "run.failed",
        State.CANCELLED: "run.cancelled",
    }
    ALONG: ClassVar[dict[State, dict[str, object]]] = {
        State.QUEUED: {"place": None},
        State.UP_FOR_RETRY: {"place": None},
        State.SUCCESS: _CLOSED,
        State.FAILED: _CLOSED,
        State.CANCELLED: _CLOSED,
    }

    # A run can be long, and nobody sits before it.
    queue = models.CharField(max_length=12, choices=Queue, default=Queue.HEAVY)
    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="runs")
    # NULL when it has ended or was never let in: one open run a schedule.
    open = models.BooleanField(null=True, default=True)
    # NULL when it does not work: `dispatch.max_parallel` places, each taken once.
    place = models.PositiveSmallIntegerField(null=True, unique=True)
    slot = models.ForeignKey(Slot, models.SET_NULL, null=True, related_name="runs")
    trigger = models.CharField(max_length=10, choices=Trigger, default=Trigger.CLOCK)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    # Fixed at the first start, as is what it reads.
    version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+")
    batch = models.OneToOneField(
        Batch, models.SET_NULL, null=True, related_name="dispatch_run"
    )
    # Retries that a failure has used up; starts by workers are `attempts`.
    tries = models.PositiveIntegerField(default=0)
    # When it last asked for a place in vain.
    asked_at = models.DateTimeField(null=True)
    # When the present try began: what its time-out is counted from.
    tried_at = models.DateTimeField(null=True)
    host = models.CharField(max_length=100, blank=True)
    pid = models.PositiveIntegerField(null=True)

    n_files = models.PositiveIntegerField(default=0)
    n_bytes = models.PositiveBigIntegerField(default=0)
    # Files that were not whole yet, and files whose content was known already.
    n_waiting = models.PositiveIntegerField(default=0)
    n_known = models.PositiveIntegerField(default=0)
    # What was not taken in, and why; some sentences.
    notes = models.JSONField(default=list)
    n_rows = models.PositiveBigIntegerField(default=0)
    n_scored = models.PositiveBigIntegerField(default=0)
    n_pulsars = models.PositiveBigIntegerField(default=0)
    n_rejected = models.PositiveBigIntegerField(default=0)
    # Parts of the batch's ledger that are in the sink, where it takes them one by one.
    n_written = models.PositiveIntegerField(default=0)
    # What the sink says of what it has written.
    output = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["schedule", "open"], name="run_one_open"),
        ]
        indexes = [
            models.Index(fields=["state", "lease_until"], name="run_work"),
            models.Index(fields=["schedule", "created_at"], name="run_of_schedule"),
            models.Index(fields=["state", "created_at"], name="run_in_state"),
            models.Index(fields=["created_at"], name="run_at"),
        ]

    def __str__(self) -> str:
        return f"run {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("dispatch:run", args=[self.pk])

    def count_end(self, state: State) -> None:
        """Count how runs end; one that is resumed ends once more."""
        add("dispatch_runs", dispatch=self.schedule.slug, state=str(state))

    @property
    def deadline(self) -> datetime | None:
        """When the present try has lasted too long."""
        if self.tried_at is None:
            return None
        return self.tried_at + timedelta(seconds=self.schedule.timeout_seconds)


class Step(models.Model):
    """One step of a run as it happens, told by its worker."""

    class Name(models.TextChoices):
        LOADED = "loaded", "Model loaded"
        COLLECTED = "collected", "Data collected"
        INFERRED = "inferred", "Inferred"
        PERSISTED = "persisted", "Persisted"

    run = models.ForeignKey(Run, models.CASCADE, related_name="steps")
    name = models.CharField(max_length=10, choices=Name)
    attempt = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    # Counts and names, as they stand in the event too.
    detail = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "attempt", "name"], name="step_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run}, {self.name}"

    @property
    def took(self) -> timedelta | None:
        """How long it lasted."""
        return self.finished_at - self.started_at if self.finished_at else None
