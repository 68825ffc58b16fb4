"""What programs say that predictions should have been, each revision kept."""

from typing import Self

from django.db import models
from django.urls import reverse

from accounts.models import User
from showroom.models.batch import Batch
from showroom.models.candidate import Candidate
from showroom.models.verdict import Verdict


class CorrectionQuerySet(models.QuerySet["Correction"]):
    """Questions about many corrections."""

    def current(self) -> Self:
        """What is said now: the last revision of each."""
        # As a list of one: a bare column in SQL would pass by every index.
        return self.filter(current__in=[True])

    def visible_to(self, user: User) -> Self:
        """What this person may see: of blind batches as verdicts are."""
        there = self.filter(candidate__batch__in=Batch.objects.visible_to(user))
        own = Verdict.objects.current().filter(
            candidate=models.OuterRef("candidate"), person=user
        )
        is_open = models.Q(candidate__batch__blind=False)
        return there.filter(is_open | models.Q(by=user) | models.Exists(own))

    def told(self) -> Self:
        """With all that is told of one."""
        told = self.select_related("by", "candidate__batch__version__model")
        # Long, and nothing of it is told.
        return told.defer(
            "candidate__features",
            "candidate__observed",
            "candidate__batch__version__card",
        )


class Correction(models.Model):
    """What a prediction should have been; said otherwise, it is another revision."""

    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="corrections")
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    # Of this person on this candidate, from 1.
    revision = models.PositiveIntegerField()
    # Whether it is a pulsar.
    expected = models.BooleanField()
    # How sure whoever says it is, from 0 to 1.
    confidence = models.FloatField(null=True)
    comment = models.CharField(max_length=2000, blank=True)
    at = models.DateTimeField()
    # NULL when a later revision took its place.
    current = models.BooleanField(null=True, default=True)
    # What it is as a word among verdicts; from that its label comes.
    verdict = models.ForeignKey(
        Verdict, models.SET_NULL, null=True, related_name="corrections"
    )

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["candidate", "by", "revision"], name="correction_revision_once"
            ),
            models.UniqueConstraint(
                fields=["candidate", "by", "current"], name="correction_one_current"
            ),
        ]
        indexes = [models.Index(fields=["at"], name="correction_at")]

    def __str__(self) -> str:
        return f"correction {self.pk}"

    def get_absolute_url(self) -> str:
        batch, row = self.candidate.batch_id, self.candidate.row
        return reverse("showroom:row", args=[batch, row])
