"""What people brought to be judged, and how far its classification has come."""

from pathlib import Path
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from monitor.work import State, Work, WorkQuerySet
from registry.models import Version

# Bins of the score histogram between 0 and 1.
BINS = 50


class BatchQuerySet(WorkQuerySet["Batch"]):
    """Questions about many batches."""

    def visible_to(self, user: User) -> Self:
        """What this person may see: the open ones, and one's own; nothing deleted."""
        there = self.filter(deleted_at=None)
        if user.has_perm("showroom.view_private_batch"):
            return there
        return there.filter(Q(private=False) | Q(owner=user))

    def newest(self) -> Self:
        """The latest on top, ready to be listed."""
        return self.order_by("-pk").select_related("owner", "version__model")

    def same_input(self, sha256: str) -> Self:
        """Those of the very bytes that this hash is of; without one, none."""
        return self.filter(input_sha256=sha256) if sha256 else self.none()

    def under_way(self) -> Self:
        """Those that a worker has, or should get; others are a run's, or a day's."""
        return super().under_way().filter(source__in=Batch.BROUGHT)


class Batch(Work):
    """What was classified together, by one version."""

    class Source(models.TextChoices):
        UPLOAD = "upload"
        CASES = "cases", "single cases"
        DISPATCH = "dispatch"
        API = "api", "a program"

    # What somebody brought, and may stop and resume.
    BROUGHT: ClassVar[tuple[Source, ...]] = (Source.UPLOAD, Source.API)

    TASK: ClassVar[str] = "showroom.tasks.classify_batch"
    EVENTS: ClassVar[dict[State, str]] = {
        State.QUEUED: "batch.resumed",
        State.FAILED: "batch.failed",
        State.CANCELLED: "batch.cancelled",
    }

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="batches"
    )
    private = models.BooleanField(default=False)
    # Nobody sees what others said of a row before having judged it.
    blind = models.BooleanField(default=False)
    source = models.CharField(max_length=10, choices=Source, default=Source.UPLOAD)
    title = models.CharField(max_length=255)
    version = models.ForeignKey(Version, models.PROTECT, related_name="batches")
    # The site's running batch of single cases has its day, every other batch none.
    day = models.DateField(null=True)
    # The dispatch run that it came of, as a plain number.
    run = models.PositiveBigIntegerField(null=True)

    # The batch whose files these are, where they were classified again.
    again_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="again"
    )
    # One hash over the hashes of its files, in their order.
    input_sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    deleted_at = models.DateTimeField(null=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

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

    shown_at = models.DateTimeField(null=True)

    objects = BatchQuerySet.as_manager()  # type: ignore[misc]  # the plugin sees two

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "version"], name="batch_day_once"),
        ]
        indexes = [
            models.Index(fields=["state", "lease_until"], name="batch_work"),
            models.Index(fields=["state", "finished_at"], name="batch_ended"),
        ]
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
        """Whether its page should look again; a day's cases are always there."""
        return super().is_under_way and self.day is None

    @property
    def is_of_run(self) -> bool:
        """Whether a run of a schedule has it classified, cancels it and resumes it."""
        return self.source == self.Source.DISPATCH

    @property
    def percent(self) -> int:
        """How much of its input has been read."""
        return 100 * self.bytes_read // max(self.bytes_total, 1)


class BatchFile(models.Model):
    """One uploaded file of a batch; its bytes lie under their hash."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="files")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.PositiveBigIntegerField()
    # When the site's retention took the bytes away.
    removed_at = models.DateTimeField(null=True)

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
    # What both take on the disk.
    n_bytes = models.PositiveBigIntegerField(default=0)
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
