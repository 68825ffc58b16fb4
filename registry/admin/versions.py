"""Models, versions, and how they came to where they are."""

from django.contrib import admin

from registry.admin.read_only import ReadOnly
from registry.models import Alias, AliasMove, Comparison, Model, Push, Version


@admin.register(Model)
class ModelAdmin(ReadOnly):
    list_display = ("name", "kind", "created_at")
    list_filter = ("kind",)
    search_fields = ("name",)


@admin.register(Version)
class VersionAdmin(ReadOnly):
    list_display = (
        "__str__",
        "registration",
        "source",
        "created_at",
        "created_by",
        "damaged_at",
    )
    list_filter = (
        "model",
        "registration",
        "source",
        ("damaged_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("model", "created_by")
    search_fields = ("=number", "^sha256", "reason")
    ordering = ("-created_at", "-pk")
    unlisted = ("card",)


@admin.register(Alias)
class AliasAdmin(ReadOnly):
    list_display = ("__str__", "version")
    list_filter = ("model", "name")
    list_select_related = ("model", "version__model")
    search_fields = ("name",)
    ordering = ("model__name", "name")
    unlisted = ("version__card",)


@admin.register(AliasMove)
class AliasMoveAdmin(ReadOnly):
    list_display = (
        "at",
        "model",
        "alias",
        "before",
        "after",
        "by",
        "is_override",
        "reason",
    )
    list_filter = ("model", "alias", "is_override", "at")
    list_select_related = ("model", "before__model", "after__model", "by")
    search_fields = ("reason", "by__username")
    ordering = ("-at", "-pk")
    unlisted = ("before__card", "after__card")


@admin.register(Comparison)
class ComparisonAdmin(ReadOnly):
    list_display = (
        "__str__",
        "candidate",
        "champion",
        "state",
        "outcome",
        "dataset",
        "created_at",
        "by",
    )
    list_filter = ("state", "outcome", "created_at")
    list_select_related = ("candidate__model", "champion__model", "dataset", "by")
    search_fields = ("=pk", "=candidate__number", "=champion__number", "reason")
    ordering = ("-created_at", "-pk")
    unlisted = (
        *("findings", "candidate__card", "champion__card"),
        *("dataset__recipe", "dataset__columns"),
    )


@admin.register(Push)
class PushAdmin(ReadOnly):
    list_display = (
        "__str__",
        "name",
        "model",
        "state",
        "version",
        "size",
        "created_at",
        "by",
    )
    list_filter = ("state", "model", "created_at")
    list_select_related = ("version__model", "by")
    search_fields = ("name", "^sha256", "note", "reason")
    ordering = ("-created_at", "-pk")
    unlisted = ("told", "findings", "version__card")
