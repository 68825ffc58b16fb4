"""Versions, and what their cards say: pages, JSON and Markdown."""

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.requests import Request
from pulsar_ml.errors import PulsarError
from registry.card import interactive
from registry.card.audited import audit
from registry.card.beside import LABELS
from registry.card.curves import charts
from registry.card.document import document
from registry.card.drawing import drawing
from registry.card.form import ThresholdForm
from registry.card.listing import listed, page
from registry.card.markdown import markdown
from registry.card.missed import columns
from registry.card.read import content
from registry.card.whole import Card, whole
from registry.models import Version
from registry.promotion.history import last_moves
from registry.promotion.standing import standing, ways_back
from registry.views.plotting import plotting

PAGE_VERSIONS = 50
MOVES_SHOWN = 20
# Pulsars that a page lists; JSON has all.
MISSED_SHOWN = 200
_may_view = permission_required("registry.view_version", raise_exception=True)


@require_safe
@_may_view
def versions(request: Request) -> HttpResponse:
    """Every version, and how the aliases came to be where they are."""
    shown = page(request.GET.get("page"), PAGE_VERSIONS)
    context = {
        "page": shown,
        "entries": listed(shown),
        "moves": last_moves()[:MOVES_SHOWN],
    }
    if request.user.has_perm("registry.change_alias"):
        context["ways_back"] = ways_back()
    return render(request, "registry/versions.html", context)


@require_safe
@_may_view
@plotting
def version(request: Request, model: str, number: int) -> HttpResponse:
    """One version and what its card says, at the threshold that is looked at."""
    found = _version_or_404(model, number)
    form = ThresholdForm(request.GET)
    is_valid = form.is_valid()
    card = whole(found, form.wanted() if is_valid else None)
    context = _plots(card) | _missed(card) | _place(found)
    context |= {
        "version": found,
        "card": card,
        "audit": audit(found),
        "beside_labels": LABELS,
        "form": form,
        "told": found.card,
        "model": model,
        "number": number,
    }
    status = 200 if is_valid else 422
    return render(request, "registry/version.html", context, status=status)


@require_safe
@_may_view
def curves(request: Request, model: str, number: int, theme: str) -> HttpResponse:
    """The curves of a version as Plotly's script draws them."""
    form = ThresholdForm(request.GET)
    if theme not in {"light", "dark"}:
        raise Http404("There are no such curves.")
    # As the page, which says what is wrong with it and draws the shipped threshold.
    wanted = form.wanted() if form.is_valid() else None
    card = whole(_version_or_404(model, number), wanted)
    if card.evaluation is None:
        raise Http404("This version keeps no curves.")
    line = card.trade.line if card.trade else None
    drawn = charts(card.evaluation, line)
    return JsonResponse(interactive.figures(drawn, theme))


@require_safe
@_may_view
def as_json(request: Request, model: str, number: int) -> HttpResponse:
    """The card for programs."""
    card = whole(_version_or_404(model, number))
    shape = {"indent": 2, "ensure_ascii": False}
    return JsonResponse(document(card), json_dumps_params=shape)


@require_safe
@_may_view
def as_markdown(request: Request, model: str, number: int) -> HttpResponse:
    """The card as text, for a paper's repository."""
    text = markdown(whole(_version_or_404(model, number)))
    return HttpResponse(text, content_type="text/markdown; charset=utf-8")


@require_safe
@_may_view
def file(request: Request, model: str, number: int, name: str) -> HttpResponse:
    """A file of the artefact, checked against what was registered."""
    found = _version_or_404(model, number)
    try:
        held = content(found, name)
    except PulsarError as error:
        raise Http404(str(error)) from error
    if held is None:
        raise Http404(f"{found} has no file {name}.")
    download = f"{found.model.name}-{found.number}-{name}"
    return HttpResponse(
        held,
        content_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{download}"'},
    )


def _version_or_404(model: str, number: int) -> Version:
    return get_object_or_404(
        Version.objects.newest_first(), model__name=model, number=number
    )


def _place(version: Version) -> dict[str, object]:
    """Whether it may answer, and where it stands among those that do."""
    champion = standing(version.model, "champion")
    return {
        "is_ready": version.registration == Version.Registration.READY,
        "champion": champion,
        "is_champion": version == champion,
        "is_challenger": "Staging" in version.stages,
    }


def _plots(card: Card) -> dict[str, object]:
    if card.evaluation is None:
        return {}
    line = card.trade.line if card.trade else None
    return {"drawings": [drawing(each) for each in charts(card.evaluation, line)]}


def _missed(card: Card) -> dict[str, object]:
    missed = (card.missed or [])[:MISSED_SHOWN]
    return {"missed": missed, "missed_columns": columns(missed)}
