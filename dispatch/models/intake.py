"""What a schedule has seen in its folder, and what of it was taken in."""

from django.db import models

from dispatch.models.run import Run
from dispatch.models.schedule import Schedule


class Intake(models.Model):
    """Content that a run took in: its schedule never takes it in again."""

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="intakes")
    sha256 = models.CharField(max_length=64)
    run = models.ForeignKey(Run, models.CASCADE, related_name="intakes")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["schedule", "sha256"], name="intake_once"),
        ]

    def __str__(self) -> str:
        return f"{self.schedule}, {self.sha256[:12]}"


class Sighting(models.Model):
    """A file as it was last looked at, so that it need not be read again."""

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="sightings")
    # Of its path: that itself is too long for an index.
    path_sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    changed_ns = models.PositiveBigIntegerField()
    # Since when it has looked like this, by our clock.
    since = models.DateTimeField()
    # Of its content, once it was read whole.
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["schedule", "path_sha256"], name="sighting_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.schedule}, {self.path_sha256[:12]}"
