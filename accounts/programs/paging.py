"""Lists that are read page by page, and stay in place when something is added."""

from typing import Any

from django.core.exceptions import ValidationError as NotOfTheKind
from django.db.models import Model, QuerySet
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
        super().__init__(
            ordering=ordering, page_size=PAGE, max_page_size=MOST, **kwargs
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
