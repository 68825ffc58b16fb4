"""Datasets: numbered, hashed, never changed; and how each comes to be."""

from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse

from monitor.work import State, Work


class Dataset(models.Model):
    """A table of labelled rows. Its number is its name for ever."""

    class Source(models.TextChoices):
        IMPORT = "import", "imported"
        FREEZE = "freeze", "frozen"

    number = models.PositiveIntegerField(unique=True)
    name = models.CharField(max_length=100)
    source = models.CharField(max_length=10, choices=Source)
    # What it was frozen from.
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="children"
    )
    # Of its Parquet file: the same rows are the same dataset.
    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    n_rows = models.PositiveBigIntegerField()
    n_pulsars = models.PositiveBigIntegerField()
    n_holdout = models.PositiveBigIntegerField()
    n_holdout_pulsars = models.PositiveBigIntegerField()
    n_rejected = models.PositiveBigIntegerField(default=0)
    # Where it comes from, and each treatment in order with the rows in and out.
    recipe = models.JSONField(default=dict)
    # The data dictionary: name, kind, unit and meaning of each column.
    columns = models.JSONField(default=list)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    def __str__(self) -> str:
        return f"dataset {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("registry:dataset", args=[self.number])

    @property
    def pulsar_percent(self) -> float:
        """How much of it are pulsars."""
        return 100 * self.n_pulsars / self.n_rows

    @property
    def holdout_percent(self) -> float:
        """How much of it no version is ever trained on."""
        return 100 * self.n_holdout / self.n_rows

    @property
    def folder(self) -> Path:
        """Where its files lie: under the hash of its rows."""
        root: Path = settings.PULSAR.storage.root
        return root / "datasets" / self.sha256


class Build(Work):
    """A dataset in the making; or labels that are brought in from a file."""

    class Kind(models.TextChoices):
        IMPORT = "import"
        FREEZE = "freeze"
        LABELS = "labels"

    TASK: ClassVar[str] = "registry.tasks.build"
    EVENTS: ClassVar[dict[State, str]] = {
        State.FAILED: "build.failed",
        State.CANCELLED: "build.cancelled",
    }

    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=100)
    # What was asked for: file names, address, survey, parent, labels, treatments.
    order = models.JSONField(default=dict)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    # What came of it.
    dataset = models.ForeignKey(
        Dataset, models.SET_NULL, null=True, related_name="builds"
    )
    n_rows = models.PositiveBigIntegerField(default=0)
    n_rejected = models.PositiveBigIntegerField(default=0)
    # Bytes or rows done, of how many.
    n_done = models.PositiveBigIntegerField(default=0)
    n_of = models.PositiveBigIntegerField(default=0)
    notes = models.JSONField(default=list)

    class Meta:
        indexes = [
            models.Index(fields=["state", "lease_until"], name="build_work"),
        ]

    def __str__(self) -> str:
        return f"build {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("registry:build", args=[self.pk])

    @property
    def folder(self) -> Path:
        """Where its files lie, the brought ones and the rejects."""
        root: Path = settings.PULSAR.storage.root
        return root / "builds" / str(self.pk)
