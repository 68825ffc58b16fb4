"""Classify the files of a batch again, by another version or the same."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.requests import Request
from monitor.work import State
from pulsar_ml.errors import PulsarError
from registry import serving
from registry.errors import RegistryError
from registry.models import Version
from showroom.again import again, obstacle, offer, siblings
from showroom.errors import ShowroomError
from showroom.forms import AgainForm
from showroom.models import Batch
from showroom.shortlist import counts
from showroom.views.find import batch_or_404


def question(batch: Batch, *, private: bool, blind: bool) -> str:
    """The address that asks whoever brought the bytes of a batch what to do."""
    ticked = {"private": private, "blind": blind}
    query = {"same": 1} | {name: 1 for name, is_so in ticked.items() if is_so}
    return f"{reverse('showroom:batch-again', args=[batch.pk])}?{urlencode(query)}"


@permission_required("showroom.add_batch", raise_exception=True)
def again_batch(request: Request, number: int) -> HttpResponse:
    """By which version, and then the batch that comes of it."""
    batch = batch_or_404(request, number)
    if request.method != "POST":
        return _page(request, batch, None)
    form = AgainForm(request.POST)
    if not form.is_valid():
        return _page(request, batch, form, status=422)
    wanted = form.cleaned_data
    try:
        return redirect(again(batch, **wanted, by=request.user))
    except (ShowroomError, PulsarError, RegistryError) as error:
        form.add_error(None, str(error))
    except OSError as error:
        form.add_error(None, f"The storage of the site refused: {error.strerror}.")
    return _page(request, batch, form, status=503)


def onward(request: Request, batch: Batch) -> dict[str, Any]:
    """What a finished batch leads to: its shortlist, and what others say of it."""
    if batch.day:
        return {"shortlist": counts(batch)}
    return {"shortlist": counts(batch), **_offered(request, batch, None)}


def _page(
    request: Request, batch: Batch, form: AgainForm | None, status: int = 200
) -> HttpResponse:
    context = {
        "batch": batch,
        "is_same": "same" in request.GET,
        "has_stopped": batch.state in {State.FAILED, State.CANCELLED},
        **_offered(request, batch, form),
    }
    return render(request, "showroom/again.html", context, status=status)


def _offered(
    request: Request, batch: Batch, form: AgainForm | None
) -> dict[str, object]:
    others = siblings(batch, to=request.user)
    found = offer([batch, *others])
    form = form or AgainForm(
        initial={
            "version": next(iter(found.fresh), None) or _champion(),
            "private": batch.private or "private" in request.GET,
            "blind": batch.blind or "blind" in request.GET,
        }
    )
    form.offer({"not used on these files yet": found.fresh, "used already": found.used})
    return {"again": form, "obstacle": obstacle(batch), "siblings": others}


def _champion() -> Version | None:
    try:
        return serving.champion().version
    except (RegistryError, PulsarError):
        return None
