"""Give out all that the site knows of a person."""

from typing import Any

from django.db.models import Model, QuerySet

from accounts.models import User
from accounts.privacy import places
from accounts.privacy.sessions import sessions


def export(user: User) -> dict[str, Any]:
    """The account, and every row that names the person, by where it stands."""
    account = _row(user)
    # Nobody needs its hash, and whoever finds the file could try to guess from it.
    del account["password"]
    groups = list(user.groups.order_by("name").values_list("name", flat=True))
    return {
        "account": account | {"groups": groups},
        "sessions": [session.expire_date for session in sessions(user)],
        "rows": {
            name: found
            for name, rows in [
                *places.related(user),
                *((place.name, place.rows(user)) for place in places.declared()),
            ]
            if (found := _rows(rows))
        },
    }


def _rows(rows: QuerySet[Any]) -> list[dict[str, Any]]:
    return [_row(row) for row in rows.order_by("pk").iterator(chunk_size=1000)]


def _row(row: Model) -> dict[str, Any]:
    fields = row._meta.concrete_fields  # noqa: SLF001
    return {field.attname: getattr(row, field.attname) for field in fields}
