"""Whether events find their way into the log: how many wait, and for how long."""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.templatetags.times import duration
from monitor.models import Check, Outbox
from monitor.probes.reading import Probe, Reading

SLUG = "outbox"
# The pump moves them each few seconds: who waits longer is stuck.
STUCK = timedelta(minutes=10)


def probe() -> Probe:
    """The one outbox of the site."""
    depends = ("database-events", "clock")
    return Probe(SLUG, Check.Kind.OUTBOX, "Outbox", look, depends)


def look(at: datetime | None = None) -> Reading:
    """Measure its length, and the age of the oldest."""
    at = at or timezone.now()
    waiting = Outbox.objects.count()
    oldest = Outbox.objects.order_by("at", "id").values_list("at", flat=True).first()
    # An event of a clock that was put back since is not yet old.
    age = max(timedelta(), at - oldest) if oldest else timedelta()
    figures = {"outbox.waiting": float(waiting), "outbox.age": age.total_seconds()}
    detail = {"waiting": waiting, "oldest": oldest and oldest.isoformat()}
    state = Check.State.DOWN if age > STUCK else Check.State.UP
    return Reading(state, _summary(waiting, age), detail, figures=figures)


def _summary(waiting: int, age: timedelta) -> str:
    if not waiting:
        return "nothing waits"
    if waiting == 1:
        return f"1 event waits, for {duration(age)}"
    return f"{waiting} events wait, the oldest for {duration(age)}"
