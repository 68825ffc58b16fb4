"""How people are managed under /admin/."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest

from accounts import roles
from accounts.models import User


class PersonForm(UserChangeForm):  # type: ignore[type-arg]
    """A person's account; the site is never left without an admin by mistake."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        groups = {group.name for group in cleaned.get("groups", ())}
        stays = cleaned.get("is_active") and (
            self.instance.is_superuser or roles.ADMIN in groups
        )
        admins = roles.admins().values_list("pk", flat=True)
        if not stays and list(admins) == [self.instance.pk]:
            raise ValidationError(
                "This is the last admin who can log in. Make another one first."
            )
        return cleaned


class PersonAdmin(UserAdmin):  # type: ignore[type-arg]
    """Accounts and their roles; superusers are made at the command line alone."""

    form = PersonForm
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Roles", {"fields": ("is_active", "groups")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")
    add_fieldsets = (
        (None, {"fields": ("username", "email", "password1", "password2", "groups")}),
    )
    filter_horizontal = ()
    formfield_overrides = {models.ManyToManyField: {"widget": CheckboxSelectMultiple}}
    list_display = ("username", "email", "first_name", "last_name", "is_active")
    list_filter = ("is_active", "groups")

    def has_change_permission(
        self, request: HttpRequest, obj: User | None = None
    ) -> bool:
        # Who sets a superuser's password is a superuser.
        if obj and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)


# Roles are written in roles.py, and sync_roles would undo what is changed here.
admin.site.unregister(Group)
