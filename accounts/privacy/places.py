"""Where rows say who a person is: by a relation, or in a column that was declared."""

from collections.abc import Iterator
from enum import Enum
from typing import Any, NamedTuple

from django.apps import apps
from django.db.models import Model, QuerySet

from accounts.models import User


class Holds(Enum):
    """What of a person stands in a column; its value is the look-up that finds it."""

    NUMBER = "exact"
    NAME = "iexact"
    ADDRESS = "icontains"

    def of(self, user: User) -> str:
        """What that is of this person."""
        if self is Holds.NUMBER:
            return str(user.pk)
        return user.get_username() if self is Holds.NAME else user.email


class Place(NamedTuple):
    """A column, as `app.Model.field`; and whether its rows go with the person."""

    name: str
    holds: Holds
    goes: bool = False

    def rows(self, user: User) -> QuerySet[Any]:
        """Those of its rows that are about this person."""
        model, field = self.name.rsplit(".", 1)
        rows: QuerySet[Any] = apps.get_model(model)._base_manager.all()  # noqa: SLF001
        value = self.holds.of(user)
        # Whoever has told no address has none anywhere.
        return rows.filter(
            **{f"{field}__{self.holds.value}": value} if value else _NONE
        )


# No row has no key.
_NONE = {"pk": None}
_declared: dict[str, Place] = {}


def declare(name: str, holds: Holds, *, goes: bool = False) -> None:
    """Say that a column names people without a relation to them."""
    _declared[name] = Place(name, holds, goes)


def declared() -> list[Place]:
    """Those columns, by name."""
    return [_declared[name] for name in sorted(_declared)]


def related(user: User) -> Iterator[tuple[str, QuerySet[Any]]]:
    """Every relation to people, as `app.Model.field`, with the rows of this person."""
    for name, model, field in relations():
        yield name, model._base_manager.filter(**{field: user})  # noqa: SLF001


def relations() -> list[tuple[str, type[Model], str]]:
    """Every relation to people: its name, whose it is, and its field."""
    found = [
        (f"{model._meta.label}.{field.name}", model, field.name)  # noqa: SLF001
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields  # noqa: SLF001
        if field.related_model is User
    ]
    return sorted(found, key=lambda one: one[0])
