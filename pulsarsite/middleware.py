"""What happens to every request, whichever app answers it."""

import re
from collections.abc import Callable
from contextlib import ExitStack
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.timezone import now

from accounts.tokens.find import find, is_key
from monitor import logs, room
from pulsarsite import errors
from pulsarsite.problem import is_for_programs, refused

GetResponse = Callable[[HttpRequest], HttpResponse]

# The boundaries and names of a form with a thousand files, besides the files.
FORM_SLACK = 1024**2
# Where people look after themselves and others: no program has a business there.
_FOR_PEOPLE = ("/accounts/", "/admin/")
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_TRUSTED_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def request_id(get_response: GetResponse) -> GetResponse:
    """Give the request the name under which log, events and error pages know it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        # What somebody else made up stands in our log: no line breaks, no novels.
        name = given if _TRUSTED_ID.fullmatch(given) else uuid4().hex
        until_sent = ExitStack()
        until_sent.enter_context(logs.request(name))
        response = get_response(request)
        # Django logs a refusal, and sends a streamed body, only after this returns.
        closers: list[Callable[[], None]] = response._resource_closers  # type: ignore[attr-defined]  # noqa: SLF001
        closers.append(until_sent.close)
        response["X-Request-ID"] = name
        return response

    return middleware


def forgotten(get_response: GetResponse) -> GetResponse:
    """Have browsers keep no page: whoever comes next may press the back button."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        # Pictures, which are slow to draw, say themselves how long they are kept.
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response

    return middleware


def token(get_response: GetResponse) -> GetResponse:
    """Let a program in by its token, as the person who made it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        # Others, such as the one that reads /metrics, are looked at where they count.
        if scheme.casefold() != "bearer" or not is_key(key.strip()):
            return get_response(request)
        found = find(key.strip(), now())
        if found is None:
            answer = refused(
                request, 401, "This token opens nothing: it is unknown or over."
            )
            answer["WWW-Authenticate"] = "Bearer"
            return answer
        if request.path.startswith(_FOR_PEOPLE):
            return refused(
                request, 403, "Accounts and their tokens are for people alone."
            )
        if found.read_only and request.method not in _READS:
            return refused(request, 403, "This token only reads.")
        request.user = found.user
        # Nobody can have a browser send a key that it does not know.
        request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]  # noqa: SLF001
        return get_response(request)

    return middleware


def body_limit(get_response: GetResponse) -> GetResponse:
    """Refuse a body that is too large, for us, the disk or a stranger, unread."""

    def middleware(request: HttpRequest) -> HttpResponse:
        limit = settings.PULSAR.showroom.max_upload_bytes + FORM_SLACK
        length = _content_length(request)
        if length > limit:
            return errors.too_large(request)
        # Files are read before any view is asked whether it takes them.
        if length > FORM_SLACK and not request.user.is_authenticated:
            return _who_are_you(request)
        # A full disk keeps nobody from logging in, nor from deleting a batch.
        if length > FORM_SLACK and (reason := room.shortage(length)):
            return errors.no_room(request, reason)
        return get_response(request)

    return middleware


def not_allowed(get_response: GetResponse) -> GetResponse:
    """Tell programs as they are told everything else that they ask in a wrong way."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return response
        if not is_for_programs(request):
            return response
        answer = refused(request, 405, f"Here one may ask {response['Allow']}.")
        answer["Allow"] = response["Allow"]
        return answer

    return middleware


class LogInRequired(LoginRequiredMiddleware):
    """Answer nobody whom nobody knows: people log in, programs send a token."""

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase], *_: Any
    ) -> HttpResponse | None:
        is_open = not getattr(view_func, "login_required", True)
        if is_open or request.user.is_authenticated:
            return None
        return _who_are_you(request)


def _who_are_you(request: HttpRequest) -> HttpResponse:
    if is_for_programs(request):
        return errors.stranger(request)
    return redirect_to_login(request.get_full_path())


def _content_length(request: HttpRequest) -> int:
    given = request.headers.get("Content-Length", "")
    return int(given) if given.isdecimal() else 0


def fragment(get_response: GetResponse) -> GetResponse:
    """Say whether HTMX wants a part of the page, so that one address has two bodies."""

    def middleware(request: HttpRequest) -> HttpResponse:
        htmx = request.htmx  # type: ignore[attr-defined]
        request.fragment = (  # type: ignore[attr-defined]
            bool(htmx) and not htmx.boosted and not htmx.history_restore_request
        )
        response = get_response(request)
        patch_vary_headers(response, ["HX-Request"])
        return response

    return middleware
