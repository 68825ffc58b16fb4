"""What starts a retraining by itself: the list, a form, the switch, the button."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from registry.errors import Overtaken, RegistryError
from registry.models import Decision, TrainingRun, Trigger
from registry.triggers import evaluate, save
from registry.triggers.ahead import ahead
from registry.triggers.forms import TriggerForm
from registry.triggers.listing import line, lines
from registry.triggers.training import settings

PAGE_DECISIONS = 50
_RETRAININGS, _REMOVED = 20, 50
_may_view = permission_required("registry.view_trigger", raise_exception=True)
_may_change = permission_required("registry.change_trigger", raise_exception=True)


@require_safe
@_may_view
def triggers(request: Request) -> HttpResponse:
    """All of them: what each waits for, and how it was at the last look."""
    removed = Trigger.objects.filter(removed_at__isnull=False)
    context = {
        "lines": list(lines(now())),
        "removed": removed.order_by("-removed_at")[:_REMOVED],
    }
    return render(request, "registry/triggers.html", context)


@permission_required("registry.add_trigger", raise_exception=True)
def new(request: Request) -> HttpResponse:
    """A trigger that was not there before."""
    form = TriggerForm(request.POST or None)
    return _answer(request, form)


@_may_change
def edit(request: Request, pk: int) -> HttpResponse:
    """Another reason, or another policy; what it has decided stays."""
    found = _live_or_404(pk)
    return _answer(request, TriggerForm(request.POST or None, start=found), found)


@require_safe
@_may_view
def trigger(request: Request, pk: int) -> HttpResponse:
    """One of them, with every decision and its reason."""
    found = get_object_or_404(Trigger.objects.select_related("by"), pk=pk)
    decisions = found.decisions.select_related("by", "retraining").order_by("-pk")
    retrainings = found.retrainings.select_related("version__model").order_by("-pk")
    context = {
        "trigger": found,
        "line": line(found, now()),
        "page": Paginator(decisions, PAGE_DECISIONS).get_page(request.GET.get("page")),
        "retrainings": retrainings[:_RETRAININGS],
        "algorithm": _algorithm(found),
    }
    if found.kind == Trigger.Kind.SCHEDULE:
        context["ahead"] = ahead(found.condition["cron"], now())
    return render(request, "registry/trigger.html", context)


@require_POST
@_may_change
def switch(request: Request, pk: int) -> HttpResponse:
    """Have it looked at, or not."""
    found = _live_or_404(pk)
    save.switch(found, on="on" in request.POST, by=request.user)
    return redirect(found if "here" in request.POST else "registry:triggers")


@require_POST
@_may_change
def press(request: Request, pk: int) -> HttpResponse:
    """Retrain now, if nothing holds it back."""
    found = _live_or_404(pk)
    try:
        decision = evaluate.press(found, by=request.user)
    except RegistryError as error:
        messages.error(request, str(error))
        return redirect(found)
    if decision.outcome == Decision.Outcome.FIRED:
        return redirect(decision.retraining)
    messages.warning(request, f"Nothing was started. {decision.reason}")
    return redirect(found)


@require_POST
@_may_change
def remove(request: Request, pk: int) -> HttpResponse:
    """Take it away; it can be brought back."""
    found = _live_or_404(pk)
    save.remove(found, by=request.user)
    messages.success(request, f"{found} is removed. Its retrainings stay.")
    return redirect("registry:triggers")


@require_POST
@_may_change
def restore(request: Request, pk: int) -> HttpResponse:
    """Bring it back."""
    found = get_object_or_404(Trigger, pk=pk)
    save.restore(found, by=request.user)
    return redirect(found)


def _live_or_404(pk: int) -> Trigger:
    return get_object_or_404(Trigger, pk=pk, removed_at=None)


def _algorithm(found: Trigger) -> str:
    """What learns when it fires, in words."""
    told = settings(found.training, found.model).get("algorithm")
    return str(TrainingRun.Algorithm(told or TrainingRun.Algorithm.FOREST).label)


def _answer(
    request: Request, form: TriggerForm, found: Trigger | None = None
) -> HttpResponse:
    """What the button that was pressed asks for."""
    if request.method != "POST":
        return _page(request, form, found)
    if "preview" in request.POST:
        return _preview(request, form, found)
    if not form.is_valid():
        return _page(request, form, found, status=422)
    try:
        return _save(request, form, found)
    except RegistryError as error:
        form.add_error(None, str(error))
        return _page(request, form, found, status=422)


def _save(request: Request, form: TriggerForm, found: Trigger | None) -> HttpResponse:
    if found is None:
        return redirect(save.create(form.values(), by=request.user))
    revision = form.cleaned_data["revision"] or 0
    try:
        save.change(found, form.values(), revision, by=request.user)
    except Overtaken as error:
        return _overtaken(request, found, str(error))
    return redirect(found)


def _overtaken(request: Request, found: Trigger, reason: str) -> HttpResponse:
    """How the other one left it; a second press saves this one over it."""
    current = Trigger.objects.filter(pk=found.pk, removed_at=None).first()
    if current is None:
        messages.error(request, reason)
        return redirect("registry:triggers")
    again = request.POST.copy()
    again["revision"] = str(current.revision)
    form = TriggerForm(again, start=current)
    form.add_error(None, reason)
    return _page(request, form, current, status=409)


def _preview(
    request: Request, form: TriggerForm, found: Trigger | None
) -> HttpResponse:
    """When it would fire: alone for HTMX, else within the form as it was filled in."""
    if not request.fragment:
        form.errors.clear()
        return _page(request, form, found)
    context = {"ahead": ahead(form["cron"].value(), now())}
    return render(request, "registry/_trigger_ahead.html", context)


def _page(
    request: Request, form: TriggerForm, found: Trigger | None, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "trigger": found,
        "ahead": ahead(form["cron"].value(), now()),
    }
    return render(request, "registry/trigger_form.html", context, status=status)
