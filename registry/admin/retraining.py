"""What trains by itself, and why it did or did not."""

from django.contrib import admin

from registry.admin.read_only import ReadOnly
from registry.models import Decision, Retraining, Trigger


@admin.register(Trigger)
class TriggerAdmin(ReadOnly):
    list_display = (
        "name",
        "model",
        "kind",
        "policy",
        "is_on",
        "evaluated_at",
        "fired_at",
        "removed_at",
    )
    list_filter = (
        "kind",
        "policy",
        "is_on",
        ("removed_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("name", "model")
    ordering = ("name",)
    unlisted = ("training",)


@admin.register(Decision)
class DecisionAdmin(ReadOnly):
    list_display = ("at", "trigger", "outcome", "reason", "n", "last_at", "by")
    list_filter = ("outcome", "trigger", "at")
    list_select_related = ("trigger", "by")
    search_fields = ("reason", "trigger__name")
    ordering = ("-at", "-pk")
    unlisted = ("figures",)


@admin.register(Retraining)
class RetrainingAdmin(ReadOnly):
    list_display = (
        "__str__",
        "trigger",
        "stage",
        "policy",
        "version",
        "created_at",
        "ended_at",
        "by",
    )
    list_filter = ("stage", "policy", "model", "created_at")
    list_select_related = ("trigger", "version__model", "by")
    search_fields = ("reason", "trigger__name")
    ordering = ("-created_at", "-pk")
    unlisted = ("version__card",)
