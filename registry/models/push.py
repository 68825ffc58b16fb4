"""A model from elsewhere on its way in."""

from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse

from monitor.work import Queue, State, Work
from registry.models.dataset import Dataset
from registry.models.version import Version


class Push(Work):
    """A foreign file: examined in a child process, then a version or quarantined."""

    TASK: ClassVar[str] = "registry.tasks.examine"
    EVENTS: ClassVar[dict[State, str]] = {
        State.FAILED: "push.failed",
        State.CANCELLED: "push.cancelled",
    }

    queue = models.CharField(max_length=12, choices=Queue, default=Queue.HEAVY)
    model = models.SlugField(max_length=60, default="pulsar")
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    # What its owner says of it: threshold, what it was trained on, a card.
    told = models.JSONField(default=dict)
    note = models.TextField(blank=True)
    # On whose hold-out it is judged, and whose ranges it gets where it brings none.
    dataset = models.ForeignKey(Dataset, models.PROTECT, null=True, related_name="+")
    # Each check in order: its name, whether it held, in words.
    findings = models.JSONField(default=list)
    version = models.ForeignKey(
        Version, models.SET_NULL, null=True, related_name="pushes"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        verbose_name_plural = "pushes"
        indexes = [models.Index(fields=["state", "lease_until"], name="push_work")]

    def __str__(self) -> str:
        return f"push {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("registry:push", args=[self.pk])

    @property
    def folder(self) -> Path:
        """Where the file lies as it came; nothing loads it from there."""
        root: Path = settings.PULSAR.storage.root
        return root / "pushes" / str(self.pk)
