"""The schedule of an address."""

from django.shortcuts import get_object_or_404

from dispatch.models import Schedule


def schedule_or_404(slug: str) -> Schedule:
    """One that nobody has removed."""
    live = Schedule.objects.live().select_related("owner")
    return get_object_or_404(live, slug=slug)
