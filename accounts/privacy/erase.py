"""Erase a person: what they did stays, and nobody can tell any more who it was."""

from typing import Any, NamedTuple

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import SET_NULL, Model

from accounts import roles
from accounts.models import User
from accounts.privacy import places
from accounts.privacy.sessions import sessions


class LastAdmin(Exception):
    """Without this person nobody could manage people any more."""


class Erasure(NamedTuple):
    """How many rows of each place go, and how many stay without the person."""

    goes: dict[str, int]
    stays: dict[str, int]


def foresee(user: User) -> Erasure:
    """What the erasure of this person comes to."""
    goes = {"accounts.User": 1, "sessions.Session": len(sessions(user))}
    stays: dict[str, int] = {}
    keeps = _kept()
    for name, rows in places.related(user):
        (stays if name in keeps else goes)[name] = rows.count()
    for place in places.declared():
        (goes if place.goes else stays)[place.name] = place.rows(user).count()
    return Erasure(_some(goes), _some(stays))


@transaction.atomic
def erase(user: User) -> Erasure:
    """Do it, unless this is the last admin."""
    # Two who erase the last two admins at once wait for each other here.
    admins = User.objects.select_for_update().filter(pk__in=roles.admins())
    if [admin.pk for admin in admins] == [user.pk]:
        raise LastAdmin(
            f"{user} is the last admin who can log in. Make another one first."
        )
    erasure = foresee(user)
    for place in places.declared():
        if place.goes:
            place.rows(user).delete()
    keys = [session.pk for session in sessions(user)]
    Session.objects.filter(pk__in=keys).delete()
    _unname(user)
    user.delete()
    return erasure


def _unname(user: User) -> None:
    """Admins' own history of what they did to the account holds its name."""
    about = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk)
    )
    about.update(object_repr=f"user {user.pk}")


def _kept() -> set[str]:
    """The relations whose rows stay when the person goes."""
    return {
        name
        for name, model, field in places.relations()
        if _on_delete(model, field) is SET_NULL
    }


def _on_delete(model: type[Model], field: str) -> object:
    relation: Any = model._meta.get_field(field).remote_field  # noqa: SLF001
    return relation.on_delete


def _some(counts: dict[str, int]) -> dict[str, int]:
    return {name: n for name, n in counts.items() if n}
