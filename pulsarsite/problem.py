"""What went wrong, for programs: problem details as in RFC 9457."""

from http import HTTPStatus

from django.http import JsonResponse


def problem(status: int, detail: str) -> JsonResponse:
    """An answer that says why there is no other."""
    told = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return JsonResponse(told, status=status, content_type="application/problem+json")
