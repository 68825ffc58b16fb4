"""Labels given out as files, each of them once for every model."""

from pathlib import Path
from typing import ClassVar, Self

from django.conf import settings
from django.db import models

from monitor.work import ENDED, Queue, State, Work, WorkQuerySet
from registry.models.label import Label
from registry.models.version import Model


class ExportQuerySet(WorkQuerySet["Export"]):
    """Questions about many exports."""

    def last_of(self, model: Model) -> "Export | None":
        """The newest of a model that ended well."""
        ended = self.filter(model=model, state=State.SUCCESS)
        return ended.select_related("model", "by").order_by("-number").first()

    def waiting_for_dvc(self) -> Self:
        """Those that ended well and are not in the DVC repository, the oldest first."""
        return self.filter(state=State.SUCCESS, dvc_at=None).order_by("pk")


class Export(Work):
    """The labels that are new since the one before; its number is its name for ever."""

    TASK: ClassVar[str] = "registry.tasks.export"
    EVENTS: ClassVar[dict[State, str]] = {
        State.FAILED: "export.failed",
        State.CANCELLED: "export.cancelled",
    }
    ALONG: ClassVar[dict[State, dict[str, object]]] = {
        state: {"open": None} for state in ENDED
    }

    queue = models.CharField(max_length=12, choices=Queue, default=Queue.HEAVY)
    model = models.ForeignKey(Model, models.PROTECT, related_name="exports")
    number = models.PositiveIntegerField()
    # NULL when it has ended: of each model one is under way.
    open = models.BooleanField(null=True, default=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    # Labels done, of how many.
    n_done = models.PositiveBigIntegerField(default=0)
    n_of = models.PositiveBigIntegerField(default=0)
    # What its files hold, and their hashes; the same stands beside them.
    manifest = models.JSONField(default=dict)
    # When it was whole in the DVC repository and by which commit, and what is to be
    # said of that; NULL while it is not, or where the site has none.
    dvc_at = models.DateTimeField(null=True)
    dvc_commit = models.CharField(max_length=64, blank=True)
    dvc_note = models.CharField(max_length=500, blank=True)
    dvc_tried_at = models.DateTimeField(null=True)

    objects = ExportQuerySet.as_manager()  # type: ignore[misc]  # the plugin sees two

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["model", "number"], name="export_number_once"
            ),
            models.UniqueConstraint(fields=["model", "open"], name="export_one_open"),
        ]
        indexes = [
            models.Index(fields=["state", "lease_until"], name="export_work"),
        ]

    def __str__(self) -> str:
        return f"export {self.model.name}/{self.number}"

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        root: Path = settings.PULSAR.storage.root
        return root / "exports" / self.model.name / str(self.number)


class Exported(models.Model):
    """A label in an export. Until that has ended well it means nothing."""

    label = models.ForeignKey(Label, models.CASCADE, related_name="+")
    export = models.ForeignKey(Export, models.CASCADE, related_name="exported")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["export", "label"], name="exported_once"),
        ]

    def __str__(self) -> str:
        return f"{self.label} in {self.export}"
