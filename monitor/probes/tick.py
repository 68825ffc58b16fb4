"""Whether each minute's tick does all of its parts: by how the last one ended."""

from datetime import datetime

from django.utils import timezone

from monitor.checks.stale import is_stale
from monitor.checks.sweeps import sign
from monitor.models import Check
from monitor.probes.reading import Probe, Reading

SLUG = "tick"


def probe() -> Probe:
    """The tick, which a dead clock does not start."""
    name = "The minute's tick"
    return Probe(SLUG, Check.Kind.CLOCK, name, look, depends=("clock",))


def look(at: datetime | None = None) -> Reading:
    """The one at work just now has not ended: it is the one before it."""
    at = at or timezone.now()
    check = Check.objects.filter(slug=SLUG).first()
    # Where nobody has looked, no clock was there: its silence is not that of the tick.
    if check and check.looked_at and is_stale(check, at):
        at = check.looked_at
    return sign(SLUG, at)
