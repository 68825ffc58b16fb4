"""Rules: the list, a form with a sentence and a dry run, the switch, the removal."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from monitor.alerts import save
from monitor.alerts.forms import RuleForm
from monitor.alerts.rehearse import rehearse
from monitor.alerts.words import sentence
from monitor.models import Channel, Rule

_may_view = permission_required("monitor.view_check", raise_exception=True)
_may_change = permission_required("monitor.change_rule", raise_exception=True)


@require_safe
@_may_view
def rules(request: Request) -> HttpResponse:
    """All of them, as sentences."""
    found = Rule.objects.prefetch_related("channels").order_by("name", "pk")
    context = {
        "rules": [(rule, save.says(rule)) for rule in found],
        "has_channels": Channel.objects.filter(on=True).exists(),
    }
    return render(request, "monitor/rules.html", context)


@permission_required("monitor.add_rule", raise_exception=True)
def new(request: Request) -> HttpResponse:
    """A rule that was not there before."""
    form = RuleForm(request.POST or None)
    if request.method != "POST" or not form.is_valid() or "try" in request.POST:
        return _page(request, form)
    rule = save.create(form.values(), form.channels_chosen(), by=request.user)
    messages.success(request, f"{rule}: it is held from the next minute on.")
    return redirect("monitor:rules")


@_may_change
def rule(request: Request, pk: int) -> HttpResponse:
    """Another wording of a rule; what it has opened stays."""
    found = Rule.objects.filter(pk=pk).first()
    if found is None and request.method == "POST":
        # What was filled in can still become a new one.
        return _page(request, RuleForm(request.POST), 409, gone=True)
    found = get_object_or_404(Rule, pk=pk)
    form = RuleForm(request.POST or None, rule=found)
    if request.method != "POST" or not form.is_valid() or "try" in request.POST:
        return _page(request, form, rule=found)
    revision = form.cleaned_data["revision"] or 0
    try:
        given = form.values(), form.channels_chosen()
        save.change(found, *given, revision, by=request.user)
    except save.Overtaken as error:
        return _overtaken(request, found, str(error))
    messages.success(request, f"{form.cleaned_data['name']}: saved.")
    return redirect("monitor:rules")


@require_POST
@_may_change
def switch(request: Request, pk: int) -> HttpResponse:
    """Hold it, or not."""
    found = get_object_or_404(Rule, pk=pk)
    save.switch(found, on="on" in request.POST, by=request.user)
    return redirect("monitor:rules")


@require_POST
@permission_required("monitor.delete_rule", raise_exception=True)
def remove(request: Request, pk: int) -> HttpResponse:
    """Forget it."""
    found = get_object_or_404(Rule, pk=pk)
    try:
        save.remove(found, by=request.user)
    except save.RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{found} is removed.")
    return redirect("monitor:rules")


def _overtaken(request: Request, found: Rule, reason: str) -> HttpResponse:
    """How the other one left it; a second press saves this one over it."""
    current = Rule.objects.filter(pk=found.pk).first()
    if current is None:
        return _page(request, RuleForm(request.POST), 409, gone=True)
    again = request.POST.copy()
    again["revision"] = str(current.revision)
    form = RuleForm(again, rule=current)
    context = {"rule": current, "reason": reason, "theirs": save.says(current)}
    return _page(request, form, 409, **context)


def _page(
    request: Request, form: RuleForm, status: int = 200, **context: Any
) -> HttpResponse:
    context["form"] = form
    context["has_channels"] = Channel.objects.filter(on=True).exists()
    if form.is_bound:
        if not form.is_valid():
            context["refused"], status = True, 422
        else:
            context |= _look_ahead(form, is_tried="try" in request.POST)
    elif rule := context.get("rule"):
        context["sentence"] = save.says(rule)
    return render(request, "monitor/rule_form.html", context, status=status)


def _look_ahead(form: RuleForm, *, is_tried: bool) -> dict[str, Any]:
    """What it would say, and whether it would hold now."""
    values = form.values()
    drafted = Rule(**values)
    named = [channel.name for channel in form.channels_chosen()]
    context: dict[str, Any] = {"sentence": sentence(drafted, named)}
    if is_tried:
        context["rehearsal"] = rehearse(drafted, timezone.now())
    return context
