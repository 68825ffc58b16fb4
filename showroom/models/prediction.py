"""Single cases, until their hour ends."""

from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse

from pulsar_ml.features import FEATURES
from showroom.models.batch import Batch


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
