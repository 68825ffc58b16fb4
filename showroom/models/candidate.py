"""Rows of which something is said or asked."""

from django.db import models
from django.urls import reverse

from showroom.models.batch import Batch
from showroom.names import last_part


class Candidate(models.Model):
    """The database row of a batch's row, made when it is shortlisted or judged."""

    class Reason(models.TextChoices):
        RAW = "raw", "raw candidate"
        HIGH = "high", "high score"
        UNCERTAIN = "uncertain", "near the threshold"

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="candidates")
    row = models.PositiveBigIntegerField()
    name = models.CharField(max_length=255, blank=True)
    probability = models.FloatField()
    predicted = models.BooleanField()
    # Why it stands on the shortlist; empty where it does not.
    shortlisted = models.CharField(max_length=10, choices=Reason, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "row"], name="candidate_once"),
        ]
        indexes = [
            models.Index(
                fields=["batch", "shortlisted", "-probability"], name="candidate_list"
            )
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}-{self.row}"

    def get_absolute_url(self) -> str:
        return reverse("showroom:row", args=[self.batch_id, self.row])

    @property
    def short_name(self) -> str:
        """Without the archive and the folders that the file lay in."""
        return last_part(self.name)
