"""What of a batch to look at first, and many candidates on one page."""

from collections.abc import Mapping

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import Case, QuerySet, Value, When
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import Request
from pulsar_ml.catalogue import Match
from showroom.models import Batch, Candidate
from showroom.opened import MOST, look
from showroom.shortlist import counts
from showroom.verdicts.judging import Judging, judging, own_of
from showroom.verdicts.steps import steps
from showroom.views.find import batch_or_404
from showroom.views.reading import reading

# No batch has more rows, and no database larger numbers; what has more digits is not
# even read.
_LAST = 2**63
_DIGITS = len(str(_LAST))
_may_view = permission_required("showroom.view_batch", raise_exception=True)


@require_safe
@_may_view
def listed(request: Request, number: int) -> HttpResponse:
    """The shortlist, the highest scores of each kind on top."""
    batch = batch_or_404(request, number)
    reason = request.GET.get("reason", "")
    if reason and reason not in Candidate.Reason.values:
        return HttpResponseBadRequest("There is no such reason to be listed.")
    found = batch.candidates.exclude(shortlisted="")
    if reason:
        found = found.filter(shortlisted=reason)
    page = Paginator(_in_order(found), MOST).get_page(request.GET.get("page"))
    context = {
        "batch": batch,
        "threshold": batch.version.card["threshold"],
        "counts": counts(batch),
        "reason": reason,
        "page": page,
        "own": own_of(batch, [candidate.row for candidate in page], request.user),
    }
    return render(request, "showroom/shortlist.html", context)


@require_safe
@_may_view
@reading
def opened(request: Request, number: int) -> HttpResponse:
    """The rows that were chosen, one below the other."""
    batch = batch_or_404(request, number)
    given = request.GET.getlist("row")
    if not all(map(_is_row, given)):
        return HttpResponseBadRequest("This address asks for rows in an unknown way.")
    chosen = list(dict.fromkeys(map(int, given)))
    found = look(batch, chosen[:MOST])
    there = {candidate.row["row"]: candidate.known for candidate in found}
    context = {
        "batch": batch,
        "threshold": batch.version.card["threshold"],
        "candidates": found,
        "absent": [row for row in chosen[:MOST] if row not in there],
        "most": MOST,
        "rest": chosen[MOST:],
        "judgings": _judgings(request, batch, there),
        "steps": steps(request.user),
    }
    return render(request, "showroom/open.html", context)


def _judgings(
    request: Request, batch: Batch, known: Mapping[int, Match | None]
) -> dict[int, Judging]:
    """A form for each row; from each one comes back to it."""
    own = own_of(batch, list(known), request.user)
    return {
        row: judging(
            batch,
            row,
            own.get(row),
            matches=[match] if match else [],
            next=f"{request.get_full_path()}#row-{row}",
        )
        for row, match in known.items()
    }


def _is_row(text: str) -> bool:
    return text.isdecimal() and len(text) <= _DIGITS and int(text) < _LAST


def _in_order(candidates: QuerySet[Candidate]) -> QuerySet[Candidate]:
    """By reason in the order of the list, each by its score."""
    place = Case(
        *(
            When(shortlisted=reason, then=Value(place))
            for place, reason in enumerate(Candidate.Reason)
        )
    )
    return candidates.order_by(place, "-probability", "row")
