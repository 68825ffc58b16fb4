"""What people brought to be judged, and how far its classification has come."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from pulsar_ml.catalogue import Pulsar
from pulsar_ml.features import FEATURES
from registry.models import Version

# Bins of the score histogram between 0 and 1.
BINS = 50


class State(models.TextChoices):
    """How far a batch is."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLED = "cancelled"


class BatchQuerySet(models.QuerySet["Batch"]):
    """Questions about many batches."""

    def visible_to(self, user: User) -> Self:
        """What this person may see: the open ones, and one's own."""
        if user.has_perm("showroom.view_private_batch"):
            return self
        return self.filter(Q(private=False) | Q(owner=user))

    def newest(self) -> Self:
        """The latest on top, ready to be listed."""
        return self.order_by("-pk").select_related("owner", "version__model")

    def under_way(self) -> Self:
        """Those that a worker has, or should get; the day's cases need none."""
        return self.filter(
            state__in=[State.QUEUED, State.RUNNING], source=Batch.Source.UPLOAD
        )


class Batch(models.Model):
    """What was classified together, by one version."""

    class Source(models.TextChoices):
        UPLOAD = "upload"
        CASES = "cases", "single cases"

    class Queue(models.TextChoices):
        INTERACTIVE = "interactive"
        HEAVY = "heavy"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="batches"
    )
    private = models.BooleanField(default=False)
    source = models.CharField(max_length=10, choices=Source, default=Source.UPLOAD)
    title = models.CharField(max_length=255)
    version = models.ForeignKey(Version, models.PROTECT, related_name="batches")
    # The site's running batch of single cases has its day, every other batch none.
    day = models.DateField(null=True)

    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    reason = models.CharField(max_length=500, blank=True)
    queue = models.CharField(max_length=12, choices=Queue, default=Queue.INTERACTIVE)
    cancel_requested = models.BooleanField(default=False)
    # Who works on it: a lease that ends by itself when its holder dies.
    holder = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    request_id = models.CharField(max_length=64, blank=True)

    n_rows = models.PositiveBigIntegerField(default=0)
    n_scored = models.PositiveBigIntegerField(default=0)
    n_pulsars = models.PositiveBigIntegerField(default=0)
    n_rejected = models.PositiveBigIntegerField(default=0)
    bytes_total = models.PositiveBigIntegerField(default=0)
    bytes_read = models.PositiveBigIntegerField(default=0)
    # Metadata columns by their own names; a part calls them meta_0, meta_1, ...
    columns = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64, blank=True)

    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    shown_at = models.DateTimeField(null=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "version"], name="batch_day_once"),
        ]
        indexes = [models.Index(fields=["state", "lease_until"], name="batch_work")]
        permissions = [("view_private_batch", "Can see everybody's private batches")]

    def __str__(self) -> str:
        return f"batch {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("showroom:batch", args=[self.pk])

    @property
    def folder(self) -> Path:
        """Where its parts lie."""
        root: Path = settings.PULSAR.storage.root
        return root / "scores" / str(self.pk)

    @property
    def is_under_way(self) -> bool:
        """Whether its page should look again."""
        return self.state in {State.QUEUED, State.RUNNING} and self.day is None

    @property
    def percent(self) -> int:
        """How much of its input has been read."""
        return 100 * self.bytes_read // max(self.bytes_total, 1)

    @property
    def took(self) -> timedelta | None:
        """From the first worker's start to the end."""
        if not self.started_at or not self.finished_at:
            return None
        return self.finished_at - self.started_at

    def seconds_left(self, at: datetime) -> int | None:
        """How long the rest takes at the pace so far; None while nobody can tell."""
        if not self.started_at or not self.bytes_read:
            return None
        elapsed = (at - self.started_at).total_seconds()
        return round(elapsed * (self.bytes_total - self.bytes_read) / self.bytes_read)


class BatchFile(models.Model):
    """One uploaded file of a batch; its bytes lie under their hash."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="files")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="file_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        """Where the bytes lie."""
        root: Path = settings.PULSAR.storage.root
        return root / "uploads" / self.sha256


class Chunk(models.Model):
    """One line of a batch's ledger: a part that is written, and where it ended."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    first_row = models.PositiveBigIntegerField()
    n_rows = models.PositiveIntegerField()
    n_scored = models.PositiveIntegerField()
    n_pulsars = models.PositiveIntegerField()
    # Counts of scores in BINS equal bins from 0 to 1.
    histogram = models.JSONField()
    # File names in the batch's folder, empty where there was nothing to write.
    part = models.CharField(max_length=60, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    rejects = models.CharField(max_length=60, blank=True)
    # Where the next chunk begins: which file, and how many of its rows are read.
    end_file = models.PositiveIntegerField(default=0)
    end_row = models.PositiveBigIntegerField(default=0)
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="chunk_once"),
        ]

    def __str__(self) -> str:
        return f"{self.batch}, chunk {self.number}"


class Prediction(models.Model):
    """A single case from the form, until the hour's end seals it into scores."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="predictions")
    row = models.PositiveBigIntegerField()
    name = models.CharField(max_length=255, blank=True)
    prof_mean = models.FloatField()
    prof_std = models.FloatField()
    prof_skew = models.FloatField()
    prof_exkurt = models.FloatField()
    dm_mean = models.FloatField()
    dm_std = models.FloatField()
    dm_skew = models.FloatField()
    dm_exkurt = models.FloatField()
    probability = models.FloatField()
    predicted = models.BooleanField()
    warnings = models.CharField(max_length=100, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "row"], name="prediction_row_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}-{self.row}"

    def get_absolute_url(self) -> str:
        return reverse("showroom:row", args=[self.batch_id, self.row])

    @property
    def features(self) -> dict[str, Any]:
        """The eight values by name."""
        return {name: getattr(self, name) for name in FEATURES}


class Catalogue(models.Model):
    """One imported version of the catalogue of known pulsars."""

    # What the file calls itself, such as 1.66.
    version = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=500)
    sha256 = models.CharField(max_length=64, unique=True)
    # None while its pulsars are still being written.
    imported_at = models.DateTimeField(null=True)
    # True for the one in use, NULL for every other.
    active = models.BooleanField(null=True, unique=True)

    def __str__(self) -> str:
        return f"psrcat {self.version or self.sha256[:8]}"


class KnownPulsar(models.Model):
    """A pulsar of one catalogue."""

    catalogue = models.ForeignKey(Catalogue, models.CASCADE, related_name="pulsars")
    name = models.CharField(max_length=40)
    b_name = models.CharField(max_length=40, blank=True)
    ra_deg = models.FloatField()
    dec_deg = models.FloatField()
    period_s = models.FloatField(null=True)
    dm = models.FloatField(null=True)
    s400_mjy = models.FloatField(null=True)
    s1400_mjy = models.FloatField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["catalogue", "dec_deg"], name="known_by_declination")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def pulsar(self) -> Pulsar:
        """It as the science has it."""
        return Pulsar(*(getattr(self, field) for field in Pulsar._fields))
