"""A request of a program that is sent again is done once, and answered alike."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now

from accounts.models import Answer
from accounts.programs.acted import has_acted
from pulsarsite.problem import is_for_programs, refused

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
_LONGEST = 255
# Whoever is told one of these may try again: the site was full, or not there.
_NOT_NOW = frozenset({503, 507})


def once(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Keep what was answered under the key that the program gave."""

    def middleware(request: HttpRequest) -> HttpResponse:
        key = request.headers.get(HEADER, "")
        user = request.user
        is_post = request.method == "POST" and is_for_programs(request)
        if not (key and is_post and user.is_authenticated):
            return get_response(request)
        if len(key) > _LONGEST:
            return refused(
                request, 400, f"An {HEADER} has at most {_LONGEST} characters."
            )
        try:
            asked = _asked(request)
        except RequestDataTooBig:
            return get_response(request)  # which says so
        mine = Answer.objects.filter(user=user)
        mine.filter(at__lt=now() - KEPT).delete()
        answer, is_first = mine.get_or_create(
            key_sha256=_digest(key.encode()),
            defaults={"user": user, "asked_sha256": asked},
        )
        if not is_first:
            return _again(request, answer, asked)
        return _kept(answer, get_response(request))

    return middleware


def _asked(request: HttpRequest) -> str:
    """What makes a request the same; of files, which may be large, their length."""
    is_form = request.content_type == "multipart/form-data"
    length = request.headers.get("Content-Length", "").encode()
    parts = [request.get_full_path().encode(), length if is_form else request.body]
    return _digest(b"\0".join(parts))


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def _kept(answer: Answer, response: HttpResponse) -> HttpResponse:
    status = response.status_code
    is_refused = status in _NOT_NOW or 400 <= status < 500
    if is_refused and not has_acted(response):
        answer.delete()
        return response
    answer.status = status
    answer.content_type = response["Content-Type"]
    answer.body = response.content
    answer.save(update_fields=["status", "content_type", "body"])
    return response


def _again(request: HttpRequest, answer: Answer, asked: str) -> HttpResponse:
    if answer.asked_sha256 != asked:
        return refused(
            request, 422, f"This {HEADER} came before, with another request."
        )
    if answer.status is None:
        return refused(
            request,
            409,
            f"The first request with this {HEADER} is at work, or was cut off: look "
            "whether it was done before you send it under another.",
        )
    again = HttpResponse(
        bytes(answer.body), status=answer.status, content_type=answer.content_type
    )
    again["Idempotent-Replayed"] = "true"
    return again
