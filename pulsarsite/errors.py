"""The pages for what went wrong: what it was, and what to do next."""

import sys

from django import db
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

from monitor import logs
from pulsarsite.incoming import NoRoom
from pulsarsite.problem import is_for_programs, refused

# These say that we asked for the wrong thing, and not that nobody answers.
_OUR_FAULT = db.DataError, db.IntegrityError, db.NotSupportedError, db.ProgrammingError


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig) and is_for_programs(request):
        return too_large(request)
    if isinstance(exception, NoRoom):
        return no_room(request, str(exception))
    if is_for_programs(request):
        return refused(request, 400, "This request cannot be read.")
    # A wrong Host, for one, ends a request before anybody knows whose it is.
    return _bare("400.html", 400, most=_most_files(exception))


def stranger(request: HttpRequest) -> HttpResponse:
    """For a program that does not say who it is."""
    answer = refused(request, 401, "Send a token: Authorization: Bearer ...")
    answer["WWW-Authenticate"] = "Bearer"
    return answer


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_programs(request):
        return refused(request, 403, "You may not do this.")
    return _page(request, 403)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if is_for_programs(request):
        if not request.user.is_authenticated:
            return stranger(request)
        return refused(request, 403, "This form was not one of this site.")
    return render(request, "403_csrf.html", _facts(), status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_programs(request):
        return refused(request, 404, "There is no such address.")
    return _page(request, 404)


def too_large(request: HttpRequest) -> HttpResponse:
    limit = settings.PULSAR.showroom.max_upload_bytes
    if is_for_programs(request):
        return refused(request, 413, "This is more than may be sent at once.")
    return _bare("413.html", 413, limit=limit)


def no_room(request: HttpRequest, reason: str) -> HttpResponse:
    if is_for_programs(request):
        return refused(request, 507, reason)
    return _bare("507.html", 507, reason=reason)


def server_error(request: HttpRequest) -> HttpResponse:
    # Django calls this while it handles what was raised.
    error = sys.exc_info()[1]
    to_programs = is_for_programs(request)
    if isinstance(error, db.Error) and not isinstance(error, _OUR_FAULT):
        gone = "The database does not answer."
        answer = refused(request, 503, gone) if to_programs else _bare("503.html", 503)
        answer["Retry-After"] = "60"
        return answer
    if to_programs:
        return refused(
            request, 500, f"Something went wrong here: {logs.request_id.get()}."
        )
    return _bare("500.html", 500)


def _most_files(exception: Exception) -> int | None:
    """How many may be sent, where there were more: no form has read their names."""
    too_many = isinstance(exception, TooManyFilesSent)
    return settings.PULSAR.showroom.max_files if too_many else None


def _page(request: HttpRequest, status: int) -> HttpResponse:
    return render(request, f"{status}.html", _facts(), status=status)


def _bare(template: str, status: int, **facts: object) -> HttpResponse:
    """A page without request: no session, no user, no database behind it."""
    site = {"name": settings.PULSAR.site.name}
    page = loader.render_to_string(template, {**_facts(), **facts, "site": site})
    return HttpResponse(page, status=status)


def _facts() -> dict[str, object]:
    return {"request_id": logs.request_id.get()}
