"""What went wrong, for programs: problem details as in RFC 9457."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, JsonResponse

from showroom.protocols.error import error, is_of_protocol

MEDIA_TYPE = "application/problem+json"
_PROGRAMS = "/api/"
_PEOPLE = "/api/docs"


def is_for_programs(request: HttpRequest) -> bool:
    """Whether whoever asked there reads problems, and no pages."""
    path = request.path
    is_ours = path.startswith(_PROGRAMS) and not path.startswith(_PEOPLE)
    return is_ours or is_of_protocol(path)


def refused(request: HttpRequest, status: int, detail: str) -> JsonResponse:
    """Why there is no other answer, as whoever asks there expects to be told."""
    say = error if is_of_protocol(request.path) else problem
    return say(status, detail)


def problem(
    status: int, detail: str, *, errors: Sequence[dict[str, Any]] = ()
) -> JsonResponse:
    """An answer that says why there is no other; errors tell what of it is wrong."""
    told: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        told["errors"] = list(errors)
    return JsonResponse(told, status=status, content_type=MEDIA_TYPE)
