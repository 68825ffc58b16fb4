"""What people said of candidates, each word kept."""

from typing import TYPE_CHECKING, Self

from django.db import models

from accounts.models import User
from registry.models import Label
from registry.models.label import Word
from showroom.models.batch import Batch
from showroom.models.candidate import Candidate

if TYPE_CHECKING:
    from showroom.models.correction import Correction


class VerdictQuerySet(models.QuerySet["Verdict"]):
    """Questions about many verdicts."""

    def current(self) -> Self:
        """What people say now: not replaced, not undone, not taken back."""
        # As a list of one: a bare column in SQL would pass by every index.
        return self.filter(current__in=[True]).exclude(word="")

    def shown_to(self, user: User) -> Self:
        """All but others' on blind batches, until this person has judged the row."""
        own = Verdict.objects.current().filter(
            candidate=models.OuterRef("candidate"), person=user
        )
        is_open = models.Q(candidate__batch__blind=False)
        return self.filter(is_open | models.Q(person=user) | models.Exists(own))

    def of_batch(self, batch: Batch) -> Self:
        """Those on the rows of a batch."""
        return self.filter(candidate__batch=batch)


class Verdict(models.Model):
    """What one person said of a candidate; a change of mind is another of these."""

    class Order(models.TextChoices):
        """In which order the queue had brought the candidate, where it had."""

        UNCERTAIN = "uncertain", "the least certain first"
        SCORE = "score", "the highest score first"
        TABLE = "table", "as the table has them"
        AUDIT = "audit", "the audit sample"

    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="verdicts")
    person = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    # Empty where they took back what they had said.
    word = models.CharField(max_length=10, choices=Word, blank=True)
    note = models.CharField(max_length=2000, blank=True)
    # The known pulsar that it is, by the catalogue's name; and whether a harmonic.
    pulsar = models.CharField(max_length=40, blank=True)
    harmonic = models.BooleanField(default=False)
    # The candidate's, so that a person's words on the same features are found.
    hash = models.CharField(max_length=64)
    drawn = models.CharField(max_length=10, choices=Label.Drawn)
    order = models.CharField(max_length=10, choices=Order, blank=True)
    at = models.DateTimeField()
    # What was said at once is undone at once: a key press, or a whole file.
    act = models.UUIDField()
    # NULL when something else was said since, or it was undone.
    current = models.BooleanField(null=True, default=True)
    before = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    label = models.ForeignKey(Label, models.SET_NULL, null=True, related_name="+")
    # The imported label whose place its own took; undone, that one holds again.
    displaced = models.ForeignKey(Label, models.SET_NULL, null=True, related_name="+")

    objects = VerdictQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["candidate", "person", "current"], name="verdict_one_current"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "hash", "current"], name="verdict_same"),
            models.Index(fields=["person", "act"], name="verdict_act"),
        ]

    def __str__(self) -> str:
        return f"verdict {self.pk}"

    @property
    def correction(self) -> "Correction | None":
        """The last revision of what a program said with it, if one did."""
        found = self.corrections.all()
        return max(found, key=lambda one: one.revision, default=None)
