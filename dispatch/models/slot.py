"""The moments at which a schedule should have run, and what became of each."""

from datetime import datetime

from django.db import models

from dispatch.models.schedule import Schedule


class Slot(models.Model):
    """One moment at which a schedule should run."""

    class Outcome(models.TextChoices):
        DUE = "due"
        WAITING = "waiting"
        RAN = "ran"
        LATE = "late"
        SKIPPED = "skipped"
        MISSED = "missed"
        PAUSED = "paused"
        SUPERSEDED = "superseded"

    # A start can still take these.
    OPEN = (Outcome.DUE, Outcome.WAITING, Outcome.MISSED)

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="slots")
    at = models.DateTimeField()
    # Which of two equal times of the clock's zone it is, in an hour that comes twice.
    fold = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.DUE)
    # What proves the outcome, as a sentence.
    evidence = models.CharField(max_length=500, blank=True)
    settled_at = models.DateTimeField(null=True)
    # What served it; one run may serve several that waited or were missed.
    run = models.ForeignKey(
        "dispatch.Run", models.SET_NULL, null=True, related_name="served"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["schedule", "at"], name="slot_once"),
        ]
        indexes = [
            models.Index(fields=["outcome", "at"], name="slot_outcome_at"),
        ]

    def __str__(self) -> str:
        return f"{self.schedule}, slot {self.at:%Y-%m-%dT%H:%MZ}"

    def seconds_late(self, at: datetime) -> int:
        """How long after its time this is."""
        return int((at - self.at).total_seconds())
