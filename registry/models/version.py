"""Models, their numbered versions, and the movable names of versions."""

from pathlib import Path
from typing import Self

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse

# The words of the source documents, shown for the aliases that we move.
STAGES = {"champion": "Production", "challenger": "Staging"}

_alias_name = RegexValidator(
    r"^(?!latest$)(?!v?\d+$)[a-z][a-z0-9_-]*$",
    "An alias is a lower-case word; 'latest' and numbers are taken.",
)


class Model(models.Model):
    """A name under which versions are kept."""

    class Kind(models.TextChoices):
        CLASSIFIER = "classifier"
        NOVELTY = "novelty"

    name = models.SlugField(max_length=60, unique=True)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.CLASSIFIER)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class VersionQuerySet(models.QuerySet["Version"]):
    """Questions about many versions."""

    def ready(self) -> Self:
        """Those that may answer; the others are never loaded."""
        return self.filter(registration=Version.Registration.READY)

    def newest_first(self) -> Self:
        """Each model's versions, the latest on top, ready to be listed."""
        return (
            self.order_by("model__name", "-number")
            .select_related("model")
            .prefetch_related("aliases")
        )


class Version(models.Model):
    """A numbered artefact that never changes, with its card."""

    class Registration(models.TextChoices):
        READY = "READY", "ready"
        QUARANTINED = "QUARANTINED", "quarantined"

    class Source(models.TextChoices):
        SHIPPED = "shipped", "shipped"
        TRAINED = "trained", "trained here"
        PUSHED = "pushed", "brought from elsewhere"

    model = models.ForeignKey(Model, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    card = models.JSONField()
    registration = models.CharField(
        max_length=20, choices=Registration, default=Registration.READY
    )
    # Why it is quarantined, in words.
    reason = models.CharField(max_length=500, blank=True)
    source = models.CharField(max_length=10, choices=Source, default=Source.TRAINED)
    # When its files were found to be others than those registered; NULL once mended.
    damaged_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    objects = VersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["model", "number"], name="version_number_once"
            ),
            models.UniqueConstraint(
                fields=["model", "sha256"], name="version_artefact_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model.name}/{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("registry:version", args=[self.model.name, self.number])

    @property
    def folder(self) -> Path:
        """Where the artefact lies: under its own hash, so that no two mix."""
        root: Path = settings.PULSAR.storage.root
        return root / "models" / self.sha256

    @property
    def algorithm(self) -> str:
        """What learned, in words."""
        return str(self.card["algorithm"]).replace("_", " ")

    @property
    def stages(self) -> list[str]:
        """Its aliases as people know them: Production, Staging, or by name."""
        names = {alias.name for alias in self.aliases.all()}
        if "champion" in names:  # it challenges nobody any more
            names.discard("challenger")
        return [STAGES.get(name, name) for name in sorted(names)]


class Alias(models.Model):
    """A movable name for a version; the constraint is what makes one champion."""

    model = models.ForeignKey(Model, models.PROTECT, related_name="aliases")
    name = models.CharField(max_length=30, validators=[_alias_name])
    version = models.ForeignKey(Version, models.PROTECT, related_name="aliases")

    class Meta:
        verbose_name_plural = "aliases"
        constraints = [
            models.UniqueConstraint(fields=["model", "name"], name="alias_once"),
        ]

    def __str__(self) -> str:
        return f"{self.model.name}@{self.name}"


class AliasMove(models.Model):
    """One move of an alias: together they tell which version it named at any time."""

    model = models.ForeignKey(Model, models.PROTECT, related_name="moves")
    alias = models.CharField(max_length=30)
    before = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+")
    after = models.ForeignKey(Version, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    reason = models.CharField(max_length=500)
    # What the gate had found, and whether a person went past it.
    comparison = models.ForeignKey(
        "registry.Comparison", models.PROTECT, null=True, related_name="moves"
    )
    is_override = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["model", "alias", "at"], name="alias_move_at")]

    def __str__(self) -> str:
        return f"{self.model.name}@{self.alias} → {self.after.number}"
