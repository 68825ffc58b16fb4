"""Lists that are read page by page, and stay in place when something is added."""

import json
from collections.abc import Sequence
from math import isfinite
from typing import Any

from django.core.exceptions import ValidationError as NotOfTheKind
from django.db.models import FloatField, Model, Q, QuerySet
from django.http import HttpRequest
from ninja import Field, Schema
from ninja.errors import ValidationError
from ninja.pagination import CursorPagination

PAGE = 50
MOST = 500


class Pages(CursorPagination):
    """So many at a time, the newest first if nothing else is said."""

    class Input(Schema):
        """What is asked for."""

        page_size: int | None = Field(None, ge=1, le=MOST)
        cursor: str | None = Field(
            None, max_length=500, description="Of the `next` or `previous` of a page."
        )

    def __init__(self, ordering: tuple[str, ...] = ("-pk",), **kwargs: Any) -> None:
        # However many rows share a date or a score, a page begins at one of them.
        is_of_one = ordering[-1].endswith("pk")
        super().__init__(
            ordering=ordering if is_of_one else (*ordering, "-pk"),
            page_size=PAGE,
            max_page_size=MOST,
            **kwargs,
        )

    def paginate_queryset(
        self,
        queryset: QuerySet[Model],
        pagination: Any,
        request: HttpRequest,
        **params: Any,
    ) -> Any:
        """One page; a cursor that somebody made up is their mistake."""
        try:
            return super().paginate_queryset(queryset, pagination, request, **params)
        except (ValueError, OverflowError, ValidationError, NotOfTheKind) as error:
            if pagination.cursor is None:
                raise
            wrong = {"loc": ["query", "cursor"], "msg": "This is no cursor of ours."}
            raise ValidationError([wrong]) from error

    def _get_position(self, item: Any) -> str:
        """The row's place in the order, and in no other row's."""
        return json.dumps([str(getattr(item, _name(one))) for one in self.ordering])

    def _find_position(
        self, queryset: QuerySet[Model], cursor: CursorPagination.Cursor
    ) -> QuerySet[Model]:
        if cursor.p is None:
            return queryset
        ordering = self._reverse_order(self.ordering) if cursor.r else self.ordering
        place = json.loads(cursor.p)
        kinds = list(map(type, place)) if isinstance(place, list) else []
        if kinds != [str] * len(ordering):
            raise ValueError(cursor.p)
        _must_be_finite(queryset, dict(zip(map(_name, ordering), place, strict=True)))
        return queryset.filter(_from(ordering, place))


def _name(ordered: str) -> str:
    return ordered.removeprefix("-")


def _from(ordering: Sequence[str], place: Sequence[str]) -> Q:
    """The row at this place, and all behind it."""
    (first, *later), (value, *others) = ordering, place
    behind = f"{_name(first)}__{'lt' if first.startswith('-') else 'gt'}"
    not_before = Q(**{f"{behind}e": value})
    if not later:
        return not_before
    return not_before & (Q(**{behind: value}) | _from(later, others))


def _must_be_finite(queryset: QuerySet[Model], place: dict[str, str]) -> None:
    # To some databases infinity and NaN are no numbers, and asking for one breaks.
    for column in queryset.model._meta.fields:  # noqa: SLF001
        value = place.get(column.name)
        if isinstance(column, FloatField) and value and not isfinite(float(value)):
            raise ValueError(value)
