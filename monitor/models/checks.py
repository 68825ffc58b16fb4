"""What is looked at, how it is and was, and figures over time."""

from django.db import models
from django.urls import reverse
from django.utils import timezone


class Check(models.Model):
    """A thing that is looked at, or a job, and how it is."""

    class State(models.TextChoices):
        """Healthchecks' words."""

        NEW = "new"
        UP = "up"
        STARTED = "started"
        GRACE = "grace"
        DOWN = "down"
        PAUSED = "paused"

    class Kind(models.TextChoices):
        """What kind of thing it is, in the order of the page."""

        HOST = "host"
        DATABASE = "database"
        BROKER = "broker"
        WORKERS = "workers"
        CLOCK = "clock"
        OUTBOX = "outbox"
        STORAGE = "storage"
        MACHINE = "machine"
        MODEL = "model"
        JOB = "job"

    # Its kind comes first: host-archive, database-default, job-prune; or it alone.
    slug = models.SlugField(max_length=100, unique=True)
    kind = models.CharField(max_length=12, choices=Kind)
    name = models.CharField(max_length=100)
    state = models.CharField(max_length=8, choices=State, default=State.NEW)
    # Of the state, which may be found later than it began.
    since = models.DateTimeField(default=timezone.now)
    looked_at = models.DateTimeField(null=True)
    summary = models.CharField(max_length=300, blank=True)
    # What the reading found: steps, verdicts, numbers.
    detail = models.JSONField(default=dict, blank=True)
    took = models.FloatField(null=True, help_text="Seconds the look took.")
    # A person wants it looked at; until a reading is newer.
    asked_at = models.DateTimeField(null=True)
    # Slugs of others whose failure explains its own.
    depends = models.JSONField(default=list, blank=True)

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return reverse("monitor:check", args=[self.slug])


class Flip(models.Model):
    """A check was found in another state than before."""

    subject = models.ForeignKey(Check, models.CASCADE, related_name="flips")
    at = models.DateTimeField(default=timezone.now)
    was = models.CharField(max_length=8, choices=Check.State)
    state = models.CharField(max_length=8, choices=Check.State)
    summary = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["subject", "at"], name="flip_subject_at")]

    def __str__(self) -> str:
        return f"{self.subject} from {self.was} to {self.state}"


class Sample(models.Model):
    """One measured figure at one moment."""

    name = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)
    value = models.FloatField()
    labels = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["name", "at"], name="sample_name_at"),
            models.Index(fields=["at"], name="sample_at"),
        ]

    def __str__(self) -> str:
        return f"{self.name} = {self.value}"


class Mean(models.Model):
    """What the samples of a figure were in one stretch of time."""

    name = models.CharField(max_length=64)
    # The labels as JSON, their names in order.
    labels = models.CharField(max_length=250, default="{}")
    # Seconds; it begins at a multiple of them.
    span = models.PositiveIntegerField()
    at = models.DateTimeField()
    # How many samples, so that the mean of means is right.
    n = models.PositiveBigIntegerField()
    value = models.FloatField()
    least = models.FloatField()
    most = models.FloatField()
    last = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["span", "name", "at", "labels"], name="mean_once"
            ),
        ]
        indexes = [models.Index(fields=["span", "at"], name="mean_span_at")]

    def __str__(self) -> str:
        return f"{self.name}{self.labels} = {self.value}"


class Tally(models.Model):
    """A number that only grows, over all processes, since the site was made."""

    name = models.CharField(max_length=64)
    # The labels as JSON, their names in order.
    labels = models.CharField(max_length=250, default="{}")
    value = models.FloatField(default=0)
    # What it was at the last tick, which makes figures of the difference.
    seen = models.FloatField(default=0)

    class Meta:
        verbose_name_plural = "tallies"
        constraints = [
            models.UniqueConstraint(fields=["name", "labels"], name="tally_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name}{self.labels} = {self.value}"
