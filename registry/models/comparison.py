"""Two versions held against each other before one takes the other's place."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse

from monitor.work import Queue, State, Work
from registry.models.dataset import Dataset
from registry.models.version import Version


class Comparison(Work):
    """What would be won and lost if a candidate took the champion's place."""

    class Outcome(models.TextChoices):
        PASSED = "passed"
        REFUSED = "refused"
        # Too few rows that neither was trained on.
        NOT_COMPARABLE = "not_comparable", "not comparable"

    TASK: ClassVar[str] = "registry.tasks.compare"
    EVENTS: ClassVar[dict[State, str]] = {
        State.FAILED: "comparison.failed",
        State.CANCELLED: "comparison.cancelled",
    }

    queue = models.CharField(max_length=12, choices=Queue, default=Queue.HEAVY)
    candidate = models.ForeignKey(Version, models.PROTECT, related_name="comparisons")
    champion = models.ForeignKey(Version, models.PROTECT, related_name="+")
    # Whose rows are judged; NULL where the site has none.
    dataset = models.ForeignKey(Dataset, models.PROTECT, null=True, related_name="+")
    # Of both versions, the dataset, the sentinels and the margins: with the same the
    # same would be found.
    inputs_sha256 = models.CharField(max_length=64, db_index=True)
    outcome = models.CharField(max_length=16, choices=Outcome, blank=True)
    findings = models.JSONField(default=dict)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        indexes = [
            models.Index(fields=["state", "lease_until"], name="comparison_work"),
        ]

    def __str__(self) -> str:
        return f"comparison {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("registry:comparison", args=[self.pk])
