"""What each role may do; `manage.py sync_roles` keeps the groups equal to this."""

from collections.abc import Iterable
from typing import NamedTuple

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import User

_RESEARCHER = frozenset(
    {
        "showroom.add_batch",
        "showroom.view_batch",
        "showroom.add_prediction",
        "showroom.add_verdict",
        "showroom.view_verdict",
        "registry.view_version",
        "registry.view_dataset",
        "registry.view_label",
        "registry.view_sentinel",
        "registry.view_trainingrun",
        "registry.view_trigger",
        "dispatch.view_schedule",
    }
)
_OPERATOR = _RESEARCHER | {
    "monitor.view_event",
    "monitor.view_check",
    "monitor.add_switch",
    "monitor.add_start",
    "monitor.change_alert",
    "showroom.change_batch",
    "dispatch.add_run",
}
_ADMIN = _OPERATOR | {
    "showroom.view_private_batch",
    "showroom.delete_batch",
    "accounts.add_user",
    "accounts.change_user",
    "accounts.view_user",
    "monitor.add_rule",
    "monitor.change_rule",
    "monitor.delete_rule",
    "monitor.add_channel",
    "monitor.change_channel",
    "monitor.delete_channel",
    "registry.change_alias",
    "registry.add_comparison",
    "registry.add_push",
    "registry.add_trigger",
    "registry.change_trigger",
    "registry.add_dataset",
    "registry.add_label",
    "registry.change_label",
    "registry.add_sentinel",
    "registry.change_sentinel",
    "registry.add_trainingrun",
    "registry.change_trainingrun",
    "dispatch.add_schedule",
    "dispatch.change_schedule",
    "dispatch.delete_schedule",
}

ADMIN = "admin"
ROLES = {"researcher": _RESEARCHER, "operator": _OPERATOR, ADMIN: _ADMIN}


def admins() -> QuerySet[User]:
    """Everybody who can log in and manage people."""
    may_manage = Q(is_superuser=True) | Q(groups__name=ADMIN)
    return User.objects.filter(may_manage, is_active=True).distinct()


class UnknownPermission(Exception):
    """A role names a permission that the database does not have."""


class Change(NamedTuple):
    """What was done to one group to make it equal to its role."""

    role: str
    granted: list[str]
    withdrawn: list[str]


@transaction.atomic
def sync() -> list[Change]:
    """Make every group what its role says, and tell what had to be changed."""
    known = _permissions(set().union(*ROLES.values()))
    return [change for role in ROLES if (change := _repair(role, known))]


def _permissions(names: Iterable[str]) -> dict[str, Permission]:
    stored = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    if missing := sorted(set(names) - set(stored)):
        raise UnknownPermission(
            f"The roles name permissions that do not exist: {', '.join(missing)}. "
            "Run `manage.py migrate` first."
        )
    return {name: stored[name] for name in names}


def _repair(role: str, known: dict[str, Permission]) -> Change | None:
    group, made = Group.objects.get_or_create(name=role)
    wanted = {known[name] for name in ROLES[role]}
    held = set(group.permissions.select_related("content_type"))
    if held == wanted and not made:
        return None
    group.permissions.set(wanted)
    return Change(role, _names(wanted - held), _names(held - wanted))


def _names(permissions: Iterable[Permission]) -> list[str]:
    return sorted(f"{p.content_type.app_label}.{p.codename}" for p in permissions)
