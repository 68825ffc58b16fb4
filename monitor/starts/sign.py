"""The last sign of life of a job: how it ended."""

from typing import Any

from django.utils import timezone

from monitor.events import record
from monitor.models import Ping


def sign(slug: str, detail: str, took: float | None, *, failing: bool) -> None:
    """Note on its ping how a run ended, and tell it if that is a change."""
    signs: dict[str, Any] = {
        "failed_at" if failing else "succeeded_at": timezone.now(),
        "duration": took,
        "detail": detail,
    }
    ping = Ping.objects.filter(slug=slug)
    ping.update(**signs)
    # Once a change, not each minute; the row count says who saw it first.
    flipped = ping.filter(failing=not failing).update(failing=failing)
    if flipped and failing:
        record("job.failed", about=f"job {slug}", error=detail)
    elif flipped:
        record("job.recovered", about=f"job {slug}")
