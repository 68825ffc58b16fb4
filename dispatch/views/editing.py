"""Make a schedule, edit one, copy one: a form, a look ahead, a test, and the verb."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now

from accounts.requests import Request
from dispatch.models import Schedule
from dispatch.schedules.differences import differences, merged
from dispatch.schedules.forms import NewScheduleForm, ScheduleForm
from dispatch.schedules.preview import preview
from dispatch.schedules.save import Overtaken, SlugTaken, change, create
from dispatch.views.find import removed, schedule_or_404
from dispatch.views.testing import rehearsed
from monitor.crontab.lines import CrontabError


@permission_required("dispatch.add_schedule", raise_exception=True)
def new(request: Request) -> HttpResponse:
    """A schedule that was not there before."""
    form = NewScheduleForm(request.POST or None)
    return _answer(request, form, lambda: _create(request, form))


@permission_required("dispatch.add_schedule", raise_exception=True)
def copy(request: Request, slug: str) -> HttpResponse:
    """A new schedule that begins as another one is."""
    original = schedule_or_404(slug)
    form = NewScheduleForm(request.POST or None, start=original)
    return _answer(request, form, lambda: _create(request, form), original=original)


@permission_required("dispatch.change_schedule", raise_exception=True)
def edit(request: Request, slug: str) -> HttpResponse:
    """Another plan under the same address; what ran stays as it was."""
    if request.method == "POST" and (gone := removed(slug)):
        return _lost(request, gone)
    found = schedule_or_404(slug)
    form = ScheduleForm(request.POST or None, start=found)
    return _answer(request, form, lambda: _change(request, found, form), schedule=found)


def _answer(
    request: Request,
    form: ScheduleForm,
    save: Callable[[], HttpResponse],
    **context: Any,
) -> HttpResponse:
    """What the button that was pressed asks for."""
    if request.method != "POST":
        return _page(request, form, **context)
    if "preview" in request.POST:
        return _preview(request, form, **context)
    if "load" in request.POST:
        return _load(request, form, **context)
    if not form.is_valid():
        return _page(request, form, status=422, **context)
    if "test" in request.POST:
        values = form.values()
        return _page(request, form, **context, **rehearsed(values))
    return save()


def _create(request: Request, form: ScheduleForm) -> HttpResponse:
    slug = form.cleaned_data["slug"]
    try:
        create(form.values() | {"slug": slug}, by=request.user)
    except SlugTaken as error:
        form.add_error("slug", str(error))
        return _page(request, form, status=422)
    except CrontabError as error:
        messages.warning(
            request, f"The schedule is saved, but not started yet: {error}"
        )
    return redirect("dispatch:schedule", slug)


def _change(request: Request, schedule: Schedule, form: ScheduleForm) -> HttpResponse:
    revision = form.cleaned_data["revision"] or 0
    try:
        change(schedule, form.values(), revision, by=request.user)
    except Overtaken as error:
        return _overtaken(request, schedule, form, str(error))
    except CrontabError as error:
        words = f"The schedule is saved, but the crontab is as it was: {error}"
        messages.warning(request, words)
    return redirect(schedule)


def _overtaken(
    request: Request, schedule: Schedule, form: ScheduleForm, reason: str
) -> HttpResponse:
    """What others changed meanwhile; a second press saves what then stands there."""
    current = Schedule.objects.live().filter(pk=schedule.pk).first()
    if current is None:
        return _lost(request, schedule)
    theirs = differences(form.cleaned_data["opened"], current, form.values())
    kept = {one.name for one in theirs if not one.is_touched}
    both = ScheduleForm(merged(request.POST, current, kept), start=current)
    context = {
        "schedule": current,
        "reason": reason,
        "theirs": theirs,
        "quarrel": any(one.is_quarrel for one in theirs),
    }
    return _page(request, both, status=409, **context)


def _lost(request: Request, gone: Schedule) -> HttpResponse:
    """The schedule was removed; what was filled in can still become a new one."""
    form = NewScheduleForm(request.POST)
    if "preview" in request.POST:
        return _preview(request, form, gone=gone)
    if "load" in request.POST:
        return _load(request, form, gone=gone)
    return _page(request, form, status=409, gone=gone)


def _preview(request: Request, form: ScheduleForm, **context: Any) -> HttpResponse:
    """When it would run: alone for HTMX, else within the form as it was filled in."""
    if request.fragment:
        context = {"preview": preview(form, now())}
        return render(request, "dispatch/_ahead.html", context)
    return _page(request, form, **context)


def _load(request: Request, form: ScheduleForm, **context: Any) -> HttpResponse:
    """What the chosen table has: that part alone for HTMX, else the whole form."""
    asked = form.ask(request.POST["load"])
    if request.fragment and asked:
        return render(request, asked.page, {"settings": asked})
    return _page(request, form, **context)


def _page(
    request: Request, form: ScheduleForm, status: int = 200, **context: Any
) -> HttpResponse:
    context |= {
        "form": form,
        "preview": preview(form, now()),
        "refused": status == HTTPStatus.UNPROCESSABLE_ENTITY,
    }
    return render(request, "dispatch/schedule_form.html", context, status=status)
