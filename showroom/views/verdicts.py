"""Verdicts: given, undone, redone."""

from collections.abc import Callable, Sequence

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.requests import Request
from showroom.models import Candidate, Verdict
from showroom.verdicts.counting import counted
from showroom.verdicts.form import VerdictForm
from showroom.verdicts.give import give
from showroom.verdicts.listing import ListForm, page
from showroom.verdicts.steps import said, step, steps
from showroom.verdicts.undo import redo, undo
from showroom.views.find import batch_or_404, candidate_or_404
from showroom.views.reading import reading

_may_view = permission_required("showroom.view_verdict", raise_exception=True)
_may_judge = permission_required("showroom.add_verdict", raise_exception=True)


@require_POST
@_may_judge
@reading
def give_verdict(request: Request, number: int, row: int) -> HttpResponse:
    """Keep what somebody says of a row; then on to where they came from."""
    batch = batch_or_404(request, number)
    candidate = candidate_or_404(batch, row)
    form = VerdictForm(request.POST)
    if not form.is_valid():
        wrong = [error for errors in form.errors.values() for error in errors]
        return _refused(request, " ".join(map(str, wrong)), candidate)
    given = give([candidate], form.said(), by=request.user, how=form.how(candidate))
    stood = _stood(given, form.cleaned_data["seen"])
    return _answer(request, given, "Said", stood, candidate.get_absolute_url())


@require_POST
@_may_judge
def undo_last(request: Request) -> HttpResponse:
    """Take away what one said last, wherever it was."""
    return _stepped(request, undo, "Undone")


@require_POST
@_may_judge
def redo_last(request: Request) -> HttpResponse:
    """Let hold again what one undid last."""
    return _stepped(request, redo, "Said again")


@require_safe
@_may_view
def listed(request: Request, number: int) -> HttpResponse:
    """What is said of a batch, as far as this person sees it."""
    batch = batch_or_404(request, number)
    form = ListForm(request.GET)
    context = {"batch": batch, "form": form, "counted": counted(batch, request.user)}
    if not form.is_valid():
        return render(request, "showroom/verdicts.html", context, status=400)
    context |= {
        "page": page(batch, request.user, form.cleaned_data),
        "steps": steps(request.user),
        "filtered": any(form.cleaned_data.values()),
    }
    return render(request, "showroom/verdicts.html", context)


def _stepped(
    request: Request, do: Callable[[User], list[Verdict]], done: str
) -> HttpResponse:
    return _answer(request, do(request.user), done, "", reverse("showroom:index"))


def _stood(given: Sequence[Verdict], seen: int | None) -> str:
    """What had been said elsewhere since the page was read; empty if nothing."""
    before = given[0].before if given else None
    if before is None or seen is None or before.pk == seen:
        return ""
    return f"In another window you had said: {said(before)}."


def _answer(
    request: Request, act: Sequence[Verdict], done: str, stood: str, home: str
) -> HttpResponse:
    """Say what was done, and go on; a script is told in its own way."""
    told = step(act) if act else None
    if not request.accepts("text/html"):
        words, url = told or ("", "")
        return JsonResponse({"did": words, "url": url, "stood": stood})
    if told is None:
        messages.info(request, "Nothing has changed.")
    else:
        link = format_html('<a href="{}">{}</a>', told.url, told.words)
        messages.success(request, format_html("{}: {}. {}", done, link, stood))
    return redirect(_onward(request, home))


def _refused(request: Request, words: str, candidate: Candidate) -> HttpResponse:
    if not request.accepts("text/html"):
        return JsonResponse({"error": words}, status=422)
    messages.error(request, words)
    return redirect(_onward(request, candidate.get_absolute_url()))


def _onward(request: Request, home: str) -> str:
    """Where they came from, if that is a page of this site."""
    asked = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if is_ours and asked.startswith("/") else home
