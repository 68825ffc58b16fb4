"""What is classified when, from where, to where, and by which version."""

from datetime import timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    """Questions about many schedules."""

    def live(self) -> Self:
        """Those that nobody has removed, by name."""
        return self.filter(live=True).order_by("name", "slug")

    def removed(self) -> Self:
        """Those that can be brought back, the latest first."""
        return self.filter(live=None).order_by("-changed_at")


class Schedule(models.Model):
    """A plan for classifying what arrives somewhere."""

    class Concurrency(models.TextChoices):
        """What becomes of a slot while a run is open; Kubernetes' words."""

        FORBID = "Forbid", "Forbid: the slot is skipped"
        QUEUE = "Queue", "Queue: the slot waits, without a run"

    class CatchUp(models.TextChoices):
        """What becomes of slots that were missed while the clock was away."""

        NONE = "none", "none of them runs later"
        LAST = "last", "the last of them runs later"
        ALL = "all", "all of them run later, up to a limit"

    # What its job is called in the crontab, before the slug.
    JOB: ClassVar[str] = "dispatch-"

    slug = models.SlugField(max_length=50)
    # NULL when removed, so that the slug is free again.
    live = models.BooleanField(null=True, default=True)
    name = models.CharField(max_length=100)
    cron = models.CharField(max_length=120)
    # The kind and its own settings; see dispatch.sources and dispatch.sinks.
    source = models.JSONField()
    sink = models.JSONField()
    # As registry.serving.resolve understands it: an alias, or one fixed version.
    reference = models.CharField(max_length=100, default="pulsar@champion")

    timeout_seconds = models.PositiveIntegerField(
        default=3600, validators=[MinValueValidator(1)]
    )
    retries = models.PositiveSmallIntegerField(
        default=2, validators=[MaxValueValidator(20)]
    )
    # Before the first retry; twice as long before each further one.
    retry_seconds = models.PositiveIntegerField(default=60)
    concurrency = models.CharField(
        max_length=10, choices=Concurrency, default=Concurrency.FORBID
    )
    catch_up = models.CharField(max_length=10, choices=CatchUp, default=CatchUp.LAST)
    catch_up_most = models.PositiveSmallIntegerField(
        default=10, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    # A start later than this is late; without one the slot is missed.
    start_within = models.PositiveIntegerField(
        default=300, validators=[MinValueValidator(60)]
    )

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="schedules"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(default=timezone.now)
    # Two people who edit at once: the second is told.
    revision = models.PositiveIntegerField(default=1)
    # Every slot up to here stands in the ledger.
    ledger_until = models.DateTimeField(default=timezone.now)
    # How the last run that came to its end did, so that a change is told once.
    failing = models.BooleanField(default=False)
    succeeded_at = models.DateTimeField(null=True)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slug", "live"], name="schedule_slug_once"),
        ]

    def __str__(self) -> str:
        return f"schedule {self.slug}"

    def get_absolute_url(self) -> str:
        return reverse("dispatch:schedule", args=[self.slug])

    @property
    def job(self) -> str:
        """The slug of its job, as the monitor and the crontab know it."""
        return f"{self.JOB}{self.slug}"

    def retry_after(self, tries: int) -> timedelta:
        """How long to wait before a retry when so many were made; an hour at most."""
        return timedelta(seconds=min(3600, self.retry_seconds * 2**tries))
