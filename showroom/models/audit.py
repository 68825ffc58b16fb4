"""Rows that chance has picked, so that people judge more than what catches the eye."""

from typing import TYPE_CHECKING, Self

from django.db import models

from showroom.models.batch import Batch
from showroom.models.candidate import Candidate

if TYPE_CHECKING:
    from datetime import datetime

# As `pulsar_ml.evaluation.audit` has them; numpy is not needed to know how many.
_LAST_STRATUM = 4


class DrawQuerySet(models.QuerySet["Draw"]):
    """Questions about many draws."""

    def counted(self, since: "datetime") -> Self:
        """Whole ones of batches that ended since then, and that everybody may see."""
        there = self.filter(batch__deleted_at=None, batch__private=False)
        return there.filter(complete=True, batch__finished_at__gte=since)


class Draw(models.Model):
    """What was decided of a batch before its rows were drawn; it never changes."""

    batch = models.OneToOneField(Batch, models.CASCADE, related_name="draw")
    at = models.DateTimeField(db_index=True)
    # How many rows each stratum has, and with which chance each of them is drawn.
    rows = models.JSONField()
    chances = models.JSONField()
    # Until then the next look goes on with it: lots are always the same.
    complete = models.BooleanField(default=False)

    objects = DrawQuerySet.as_manager()

    def __str__(self) -> str:
        return f"draw of {self.batch}"

    @property
    def wanted(self) -> float:
        """How many rows it draws on average."""
        pairs = zip(self.rows, self.chances, strict=True)
        return float(sum(rows * chance for rows, chance in pairs))


class DrawnRowQuerySet(models.QuerySet["DrawnRow"]):
    """Questions about many drawn rows."""

    def counted(self, since: "datetime") -> Self:
        """Those of the draws that count."""
        return self.filter(draw__in=Draw.objects.counted(since))


class DrawnRow(models.Model):
    """One row that was drawn, and with which chance."""

    draw = models.ForeignKey(Draw, models.CASCADE, related_name="drawn")
    candidate = models.OneToOneField(Candidate, models.CASCADE, related_name="drawn")
    stratum = models.PositiveSmallIntegerField()
    chance = models.FloatField()
    # Its lot as a share of its chance: in this order people judge, and so by nothing
    # that the file or the score says.
    place = models.FloatField(db_index=True)

    objects = DrawnRowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(stratum__lte=_LAST_STRATUM),
                name="drawn_row_stratum",
            ),
            models.CheckConstraint(
                condition=models.Q(chance__gt=0, chance__lte=1),
                name="drawn_row_chance",
            ),
        ]

    def __str__(self) -> str:
        return f"drawn row {self.candidate}"
