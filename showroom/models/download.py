"""Rows of a batch that a worker puts into a file, since they are many."""

from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse

from monitor.work import Work
from showroom.models.batch import Batch


class Download(Work):
    """A file of wanted rows: prepared by a worker, then there to be fetched."""

    TASK: ClassVar[str] = "showroom.tasks.prepare_download"

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="downloads")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    format = models.CharField(max_length=10)
    # Which rows and in which order: the query of the table's address.
    wanted = models.TextField(blank=True)
    n_rows = models.PositiveBigIntegerField(default=0)
    n_written = models.PositiveBigIntegerField(default=0)
    name = models.CharField(max_length=255, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"download {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("showroom:download", args=[self.pk])

    @property
    def folder(self) -> Path:
        """Where the file lies."""
        root: Path = settings.PULSAR.storage.root
        return root / "downloads" / str(self.pk)

    @property
    def path(self) -> Path:
        """The file, once it is there."""
        return self.folder / self.name
