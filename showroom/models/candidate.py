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
    # How far the score lies from its version's threshold: the nearer, the less certain.
    margin = models.FloatField()
    # Of its features; empty for those listed before this was kept.
    hash = models.CharField(max_length=64, blank=True)
    # What a label is made of; read from the parts when somebody first judges it.
    features = models.JSONField(null=True)
    pointing = models.CharField(max_length=40, blank=True)
    observed = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "row"], name="candidate_once"),
        ]
        indexes = [
            models.Index(
                fields=["batch", "shortlisted", "-probability"], name="candidate_list"
            ),
            models.Index(fields=["margin"], name="candidate_margin"),
            models.Index(fields=["-probability"], name="candidate_score"),
            models.Index(fields=["hash"], name="candidate_hash"),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}-{self.row}"

    def get_absolute_url(self) -> str:
        return reverse("showroom:row", args=[self.batch_id, self.row])

    @property
    def short_name(self) -> str:
        """Without the archive and the folders that the file lay in."""
        return last_part(self.name)
