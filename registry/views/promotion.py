"""Which version is in production, and which was."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from registry.errors import AliasMoved, RegistryError
from registry.gate.ask import ask
from registry.gate.latest import latest
from registry.gate.shown import shown
from registry.models import Model, Version
from registry.promotion import history as past
from registry.promotion.challenge import challenge as make_challenger
from registry.promotion.forms import HistoryForm, PromoteForm, ReasonForm
from registry.promotion.promote import promote as put_in_production
from registry.promotion.prospect import prospect
from registry.promotion.roll_back import roll_back as give_back

PAGE_MOVES = 50
_may_view = permission_required("registry.view_version", raise_exception=True)
_may_move = permission_required("registry.change_alias", raise_exception=True)


@_may_move
def promote(request: Request, model: str, number: int) -> HttpResponse:
    """What it would change, what the gate says, and the buttons that act."""
    version = _version_or_404(model, number)
    if request.method != "POST":
        return _page(request, version, PromoteForm())
    form = PromoteForm(request.POST)
    if not form.is_valid():
        return _page(request, version, form, status=422)
    acts = {"ask": _ask, "promote": _promote, "override": _promote}
    act = acts[form.cleaned_data["act"]]
    here = redirect("registry:promote", model, number)
    return _tried(request, here, lambda: act(request, version, form))


@require_POST
@_may_move
def roll_back(request: Request, model: str) -> HttpResponse:
    """Back to the version that was in production before."""
    found = get_object_or_404(Model, name=model)
    form = ReasonForm(request.POST)

    def act() -> HttpResponse:
        before = _expected(found, form)
        if before is None:
            raise AliasMoved(f"Say which version of {found} is to be rolled back.")
        version = give_back(
            found,
            by=request.user,
            reason=form.cleaned_data.get("reason", ""),
            expected=before,
        )
        messages.success(
            request, f"{version} is in production again; {before} is kept behind it."
        )
        return redirect("registry:versions")

    return _tried(request, redirect("registry:versions"), act)


@require_POST
@_may_move
def challenge(request: Request, model: str, number: int) -> HttpResponse:
    """Make it the challenger."""
    version = _version_or_404(model, number)
    form = ReasonForm(request.POST)

    def act() -> HttpResponse:
        reason = form.cleaned_data.get("reason", "") if form.is_valid() else ""
        make_challenger(version, by=request.user, reason=reason)
        messages.success(request, f"{version} is the challenger.")
        return redirect(version)

    return _tried(request, redirect(version), act)


@require_safe
@_may_view
def history(request: Request) -> HttpResponse:
    """Every move of one alias, and which version it named at a time."""
    form = HistoryForm(request.GET)
    is_valid = form.is_valid()
    at = now()
    context: dict[str, object] = {"form": form, "now": at}
    model = form.cleaned_data.get("model")
    alias = form.cleaned_data.get("alias")
    if model and alias:
        wanted = form.cleaned_data.get("at")
        page = Paginator(past.history(model, alias), PAGE_MOVES).get_page(
            request.GET.get("page")
        )
        context |= {
            "model": model,
            "alias": alias,
            "page": page,
            "stays": past.stays(page, now=at),
            "at": wanted,
            "found": past.stay_at(model, alias, wanted, now=at) if wanted else None,
        }
    status = 200 if is_valid else 422
    return render(request, "registry/history.html", context, status=status)


def _ask(request: Request, version: Version, form: PromoteForm) -> HttpResponse:
    if champion := _expected(version.model, form):
        ask(version, champion, by=request.user)
    return redirect("registry:promote", version.model.name, version.number)


def _promote(request: Request, version: Version, form: PromoteForm) -> HttpResponse:
    champion, wanted = _expected(version.model, form), form.cleaned_data
    is_past = wanted["act"] == "override"
    put_in_production(
        version,
        by=request.user,
        comparison=latest(version, champion) if champion else None,
        expected=champion,
        override=wanted["reason"] if is_past else "",
        reason=wanted["reason"],
    )
    kept = f" {champion} is kept to roll back to." if champion else ""
    messages.success(request, f"{version} is in production.{kept}")
    return redirect(version)


def _expected(model: Model, form: ReasonForm) -> Version | None:
    """Which version was in production on the page that this was sent from."""
    pk = form.cleaned_data.get("expected") if form.is_valid() else None
    if pk is None:
        return None
    return model.versions.select_related("model").filter(pk=pk).first()


def _tried(
    request: Request, otherwise: HttpResponse, act: Callable[[], HttpResponse]
) -> HttpResponse:
    """Act; or say why not, on the page as it is by now."""
    try:
        return act()
    except RegistryError as error:
        messages.error(request, str(error))
        return otherwise


def _page(
    request: Request, version: Version, form: PromoteForm, status: int = 200
) -> HttpResponse:
    found = prospect(version, now())
    context = {"version": version, "model": version.model, "found": found, "form": form}
    if request.fragment:
        response = render(request, "registry/_promote_gate.html", context)
        if not (found.attempt and found.attempt.is_under_way):
            response["HX-Refresh"] = "true"
        return response
    if found.comparison:
        context |= {
            "comparison": found.comparison,
            "gate": shown(found.comparison),
        }
    return render(request, "registry/promote.html", context, status=status)


def _version_or_404(model: str, number: int) -> Version:
    known = Version.objects.select_related("model")
    return get_object_or_404(known, model__name=model, number=number)
