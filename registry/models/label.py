"""What people said of candidates, to learn from; and whom no version may lose."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import User
from monitor.work import State
from registry.models.dataset import Build


class Word(models.TextChoices):
    """The labels that the field gives (CandyJar's)."""

    T1 = "T1_CAND", "strong new candidate"
    T2 = "T2_CAND", "weak new candidate"
    KNOWN = "KNOWN_PSR", "known pulsar"
    NEARBY = "NB_PSR", "known pulsar, off the beam"
    RFI = "RFI", "interference"
    NOISE = "NOISE", "noise"


PULSARS = frozenset({Word.T1, Word.T2, Word.KNOWN, Word.NEARBY})


def landed() -> models.QuerySet[Build]:
    """Builds whose labels hold, and are not all in their places yet."""
    done = Build.objects.filter(kind=Build.Kind.LABELS, state=State.SUCCESS)
    return done.filter(n_done__lt=models.F("n_of"))


class LabelQuerySet(models.QuerySet["Label"]):
    """Questions about many labels."""

    def current(self) -> Self:
        """Those that hold: neither replaced nor taken back."""
        builds = list(landed().values_list("pk", flat=True))
        if builds:
            return self._current_with(builds)
        # As a list of one: a bare column in SQL would pass by every index.
        return self.filter(current__in=[True])

    def holding_since(self, moment: datetime) -> Self:
        """Those that hold, and did not yet before this moment."""
        # What is on its way into its place holds since its build has landed.
        builds = landed().filter(finished_at__gte=moment).values_list("pk", flat=True)
        came = models.Q(coming=True, build__in=list(builds))
        return self.current().filter(models.Q(held_at__gte=moment) | came)

    def gone(self) -> Self:
        """Those that were replaced or taken back."""
        return self.filter(current=None, coming=None)

    def shown_to(self, user: User) -> Self:
        """All but others' of blind batches, until this person has judged the same."""
        return self.exclude(pk__in=Label.objects.hidden_from(user).values("pk"))

    def hidden_from(self, user: User) -> Self:
        """Others' of blind batches, while this person has not judged the same."""
        own = Label.objects.filter(hash=models.OuterRef("hash"), person=user)
        told = models.Exists(own.filter(current=True))
        others = models.Q(person=None) | ~models.Q(person=user)
        return self.filter(others, ~told, blind=True)

    def fitting(
        self,
        *,
        surveys: Collection[str] = (),
        people: Collection[int] = (),
        verdicts: Collection[str] = (),
        drawn: Collection[str] = (),
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Self:
        """Those that answer to all of this; what is left out asks nothing."""
        wanted = {
            "survey__in": surveys,
            "person__in": people,
            "verdict__in": verdicts,
            "drawn__in": drawn,
            "at__gte": since,
            "at__lt": until,
        }
        return self.filter(**{k: v for k, v in wanted.items() if v})

    def chosen(self, **wanted: Any) -> Self:
        """Those that hold and answer to all of this; see `fitting`."""
        return self.current().fitting(**wanted)

    def _current_with(self, builds: Collection[int]) -> Self:
        """Those that hold while labels of these builds are put in their places."""
        came = Label.objects.filter(coming=True, build__in=builds)
        same = {name: models.OuterRef(name) for name in ("hash", "person")}
        stays = models.Q(current=True) & ~models.Exists(came.filter(**same))
        return self.filter(stays | models.Q(coming=True, build__in=builds))


class Label(models.Model):
    """A candidate as one person judged it: the features, and what was said."""

    class Drawn(models.TextChoices):
        QUEUE = "queue", "from the queue"
        PICKED = "picked", "picked by hand"
        AUDIT = "audit", "drawn for audit"
        API = "api", "by the API"
        IMPORT = "import", "imported"

    # Of the batch's row, where it was one; plain numbers, so that it outlives them.
    batch = models.PositiveBigIntegerField(null=True)
    row = models.PositiveBigIntegerField(null=True)
    name = models.CharField(max_length=255, blank=True)
    hash = models.CharField(max_length=64)
    features = models.JSONField()
    verdict = models.CharField(max_length=10, choices=Word)
    drawn = models.CharField(max_length=10, choices=Drawn)
    # With which probability it was drawn, where chance decided.
    probability = models.FloatField(null=True)
    survey = models.CharField(max_length=60, blank=True)
    pointing = models.CharField(max_length=40, blank=True)
    # Beam, period, DM and what else the file had.
    observed = models.JSONField(default=dict)
    person = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    # Since when it holds: a word may wait for its file or batch, or be given again.
    held_at = models.DateTimeField(default=timezone.now)
    # Of a blind batch: others see it once they have said a word of their own.
    blind = models.BooleanField(default=False)
    # NULL when it was replaced or taken back: one word a person and candidate holds.
    current = models.BooleanField(null=True, default=True)
    build = models.ForeignKey(Build, models.SET_NULL, null=True, related_name="labels")
    # Stored, but holds only from the moment when its build has ended well.
    coming = models.BooleanField(null=True)

    objects = LabelQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["hash", "person", "current"], name="label_one_current"
            ),
        ]
        indexes = [
            models.Index(fields=["current", "at"], name="label_at"),
            # The few that are new are asked for once a minute.
            models.Index(fields=["current", "held_at"], name="label_held"),
            models.Index(fields=["survey", "at"], name="label_survey"),
            # Few are, and they are asked for alone.
            models.Index(fields=["blind"], name="label_blind"),
            # Holds all that is counted, and all that is asked for.
            models.Index(
                fields=["current", "verdict", "person", "survey", "drawn", "at"],
                name="label_filed",
            ),
        ]

    def __str__(self) -> str:
        return f"label {self.pk}"

    @property
    def is_pulsar(self) -> bool:
        """Which class it teaches."""
        return self.verdict in PULSARS


class Sentinel(models.Model):
    """A known pulsar of the group: never trained on, to be found by each version."""

    name = models.CharField(max_length=100)
    hash = models.CharField(max_length=64, unique=True)
    features = models.JSONField()
    pointing = models.CharField(max_length=40, blank=True)
    # Where its row was taken from, in words.
    origin = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=500, blank=True)
    added_at = models.DateTimeField(auto_now_add=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    # Taken out of the set; it can be put back.
    removed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
