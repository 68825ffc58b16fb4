"""Known pulsars, as the catalogue of a day has them."""

from django.db import models

from pulsar_ml.catalogue import Pulsar


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
