"""Have a schedule read its table again, and take that back."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts.requests import Request
from dispatch.errors import DispatchError
from dispatch.positions import rewind as verb
from dispatch.positions.forms import RewindForm
from dispatch.views.find import schedule_or_404, told_if_removed

_may_change = permission_required("dispatch.change_schedule", raise_exception=True)


@_may_change
@told_if_removed
def rewind(request: Request, slug: str) -> HttpResponse:
    """What would be read again, and the button for it."""
    schedule = schedule_or_404(slug)
    table = verb.reading(schedule)
    if table is None:
        raise Http404
    form = RewindForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            verb.rewind(schedule, form.cleaned_data["to"], by=request.user)
        except DispatchError as error:
            form.add_error("to", str(error))
        else:
            return redirect(schedule)
    context = {
        "schedule": schedule,
        "table": table,
        "position": verb.position(schedule),
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "dispatch/rewind.html", context, status=status)


@require_POST
@_may_change
@told_if_removed
def undo(request: Request, slug: str) -> HttpResponse:
    """Go on where it would have gone on before."""
    schedule = schedule_or_404(slug)
    try:
        verb.undo(schedule, by=request.user)
    except DispatchError as error:
        messages.error(request, str(error))
    return redirect(schedule)
