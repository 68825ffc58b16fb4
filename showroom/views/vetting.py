"""One candidate after the other, to be judged."""

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404
from django.http.response import HttpResponseBase as HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import Request
from showroom.vetting import keys
from showroom.vetting.asked import Asked, asked, at
from showroom.vetting.desk import around, shown
from showroom.vetting.place import Place, Queue, ahead
from showroom.views.reading import reading

_may_judge = permission_required("showroom.add_verdict", raise_exception=True)
# So many come at once, to be there before they are asked for.
_AHEAD = 3


@require_safe
@_may_judge
def vet(request: Request) -> HttpResponse:
    """One candidate and what may be said of it; elsewhere, the way to the next one."""
    wanted = asked(request.user, request.GET)
    return _page(request, _number(wanted), wanted=wanted)


@require_safe
@_may_judge
def vet_next(request: Request) -> HttpResponse:
    """The next candidates behind a place, for a page that has them ready."""
    wanted = asked(request.user, request.GET)
    return _cards(request, _number(wanted), wanted=wanted)


@require_POST
@_may_judge
def advance(request: Request) -> HttpResponse:
    """Whether a verdict leads on to the next candidate."""
    keys.go_on(request.user, advance=request.POST.get("advance") == "1")
    query = asked(request.user, request.GET)
    there = at(request.GET, "at")
    return redirect(query.address(at=there) if there else query.address())


@reading
def _page(request: Request, number: int, *, wanted: Asked) -> HttpResponse:
    there, user = at(request.GET, "at"), request.user
    queue = wanted.queue(user)
    context = around(user, wanted)
    if queue is None:
        return render(request, "showroom/vet.html", context)
    if there is None:
        if onward := _onward(request, queue):
            return redirect(wanted.address(at=onward))
        return render(request, "showroom/vet.html", context | {"is_empty": True})
    candidate = shown(user, wanted, there)
    if candidate is None:
        raise Http404("There is no such candidate.")
    context |= {"at": there, "left": queue.left(), "shown": candidate}
    return render(request, "showroom/vet.html", context)


@reading
def _cards(request: Request, number: int, *, wanted: Asked) -> HttpResponse:
    user = request.user
    found = (shown(user, wanted, place) for place in _places(request, wanted))
    context = {"cards": [one for one in found if one]}
    return render(request, "showroom/_vet_cards.html", context)


def _places(request: Request, wanted: Asked) -> Sequence[Place]:
    """Which candidates are asked for: one by its place, or those around one."""
    there, before = at(request.GET, "at"), at(request.GET, "before")
    queue = wanted.queue(request.user)
    if there or queue is None:
        return [there] if there else []
    if before:
        found = queue.preceding(before)
        return [found] if found else []
    return ahead(queue, at(request.GET, "after"), _AHEAD).places


def _onward(request: Request, queue: Queue) -> Place | None:
    """Where an address without a candidate leads."""
    before = at(request.GET, "before")
    if before:
        found = queue.preceding(before)
        if found is None:
            messages.info(request, "This is the first one.")
        return found or before
    coming = ahead(queue, at(request.GET, "after"), 1)
    if coming.again:
        messages.info(request, "That was the end. Those you left for later come again.")
    return next(iter(coming.places), None)


def _number(wanted: Asked) -> int:
    return wanted.batch.pk if wanted.batch else 0
