"""Records that are looked at under /admin/, and edited by nobody there."""

from typing import Any

from django.contrib import admin
from django.db.models import Model as Row
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern

_PAGES = ("changelist", "history", "change")


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """A list and a page of each row, for whoever may come in here."""

    actions = None
    list_per_page = 50
    show_full_result_count = False
    # Long, and shown by no list: they would be read with each row.
    unlisted: tuple[str, ...] = ()

    def get_urls(self) -> list[URLPattern]:
        return [url for url in super().get_urls() if str(url.name).endswith(_PAGES)]

    def get_fields(self, request: HttpRequest, obj: Row | None = None) -> list[Any]:
        # All of them: also what no form could hold, as the time of its making.
        return [field.name for field in self.opts.concrete_fields]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer(*self.unlisted)

    def has_view_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: Row | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Row | None = None
    ) -> bool:
        return False
