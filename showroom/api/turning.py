"""Pages of what stands in files: from one key to the next, in both directions."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest
from ninja import Field, Schema
from ninja.errors import ValidationError

from accounts.programs.paging import MOST, PAGE
from accounts.programs.values import refusal

_WAYS = ("after", "before")
# A key may hold the name of a row.
_LONGEST = 4_000


class Turn(Schema):
    """Which page is asked for."""

    page_size: int = Field(PAGE, ge=1, le=MOST)
    cursor: str | None = Field(
        None, max_length=_LONGEST, description="Of the `next` or `previous` of a page."
    )

    def key(self) -> dict[str, str]:
        """As the forms of the pages have it: what is after a place, or before it."""
        if not self.cursor:
            return {}
        way, _, key = self.cursor.partition(".")
        if way not in _WAYS or not key:
            raise no_cursor()
        return {way: key}


def refused(form: BaseForm) -> ValidationError:
    """What a form has against an address; what it calls a place was a cursor here."""
    found = refusal(form, "query")
    for one in found.errors:
        if one["loc"][-1] in _WAYS:
            one["loc"][-1] = "cursor"
    return found


def no_cursor() -> ValidationError:
    """For one that somebody made up."""
    return ValidationError(
        [{"loc": ["query", "cursor"], "msg": "This is no cursor of ours."}]
    )


def turned(
    request: HttpRequest,
    results: Sequence[Any],
    *,
    previous: str,
    next: str,  # noqa: A002  # as pages call it
) -> Mapping[str, Any]:
    """A page of results, with the addresses of those beside it."""
    return {
        "results": results,
        "previous": _address(request, "before", previous),
        "next": _address(request, "after", next),
    }


def _address(request: HttpRequest, way: str, key: str) -> str | None:
    if not key:
        return None
    query = request.GET.copy()
    query["cursor"] = f"{way}.{key}"
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
