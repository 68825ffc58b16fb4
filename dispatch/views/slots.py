"""What became of a schedule's slots."""

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import Request
from dispatch.models import Schedule
from dispatch.slots import listing
from dispatch.slots.strip import strip

PAGE_SLOTS = 100
DAYS = 28


@require_safe
@permission_required("dispatch.view_schedule", raise_exception=True)
def slots(request: Request, slug: str) -> HttpResponse:
    """Four weeks as a calendar, and below the slots somebody looks for."""
    schedule = get_object_or_404(Schedule.objects.live(), slug=slug)
    zone = timezone.get_current_timezone()
    form = listing.SlotFilter(request.GET)
    context = {"schedule": schedule, "form": form}
    context["strip"] = strip(schedule, DAYS, zone)
    if not form.is_valid():
        return render(request, "dispatch/slots.html", context, status=422)
    try:
        wanted = listing.Wanted.asked(form, request.GET, zone)
        before = listing.moment(request.GET, "before")
    except listing.BadMoment as error:
        raise Http404 from error
    context |= {
        "wanted": wanted,
        "before": before,
        "page": listing.page(schedule, wanted, before, PAGE_SLOTS),
    }
    return render(request, "dispatch/slots.html", context)
