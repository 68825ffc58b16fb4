"""What versions are made of: datasets, labels, sentinels, trainings."""

from typing import TYPE_CHECKING, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from registry.admin.read_only import ReadOnly
from registry.models import Dataset, Export, Label, Sentinel, TrainingRun

if TYPE_CHECKING:
    from accounts.models import User


@admin.register(Dataset)
class DatasetAdmin(ReadOnly):
    list_display = (
        "number",
        "name",
        "source",
        "n_rows",
        "n_pulsars",
        "created_at",
        "created_by",
    )
    list_filter = ("source", "created_at")
    list_select_related = ("created_by",)
    search_fields = ("=number", "name", "^sha256", "note")
    ordering = ("-number",)
    unlisted = ("recipe", "columns", "note")


@admin.register(Label)
class LabelAdmin(ReadOnly):
    list_display = ("name", "verdict", "person", "drawn", "survey", "at", "current")
    list_filter = ("verdict", "drawn", "current", "blind", "at")
    list_select_related = ("person",)
    search_fields = ("name", "^hash", "survey", "person__username")
    ordering = ("-at", "-pk")
    unlisted = ("features", "observed")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Label]:
        # Nobody reads here what others said of a row that one has yet to judge.
        shown = Label.objects.shown_to(cast("User", request.user))
        return super().get_queryset(request).filter(pk__in=shown.values("pk"))


@admin.register(Export)
class ExportAdmin(ReadOnly):
    list_display = ("__str__", "state", "n_done", "created_at", "finished_at", "by")
    list_filter = ("model", "state", "created_at")
    list_select_related = ("model", "by")
    search_fields = ("=number", "model__name", "reason")
    ordering = ("-created_at", "-pk")
    unlisted = ("manifest",)


@admin.register(Sentinel)
class SentinelAdmin(ReadOnly):
    list_display = ("name", "origin", "pointing", "added_at", "added_by", "removed_at")
    list_filter = (("removed_at", admin.EmptyFieldListFilter), "added_at")
    list_select_related = ("added_by",)
    search_fields = ("name", "^hash", "origin", "note")
    ordering = ("name", "pk")
    unlisted = ("features",)


@admin.register(TrainingRun)
class TrainingRunAdmin(ReadOnly):
    list_display = (
        "__str__",
        "state",
        "algorithm",
        "dataset",
        "experiment",
        "source",
        "version",
        "created_at",
        "by",
    )
    list_filter = ("state", "algorithm", "policy", "source", "created_at")
    list_select_related = ("dataset", "experiment", "version__model", "by")
    search_fields = ("=pk", "experiment__name", "notes", "reason", "by__username")
    ordering = ("-created_at", "-pk")
    unlisted = (
        *("parameters", "search", "packages", "progress", "chosen", "metrics"),
        *("version__card", "dataset__recipe", "dataset__columns"),
    )
