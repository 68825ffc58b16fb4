"""Was the clock alive at some moment? Its tick puts a figure down each minute."""

from bisect import bisect_right
from datetime import datetime, timedelta

from dispatch.slots.words import clock_time
from monitor.models import Sample

# What the look at the outbox puts down, which each tick takes.
TICK = "outbox.waiting"
# Longer between two of them, and one is missing.
LONGEST = timedelta(seconds=90)

ALIVE = "The clock was alive, but nothing started it."


class Signs:
    """The clock's signs of life around some slots, read once for all of them."""

    def __init__(self, since: datetime, at: datetime) -> None:
        self.at = at
        ticks = Sample.objects.filter(name=TICK).order_by("at")
        before = ticks.filter(at__lte=since).values_list("at", flat=True).last()
        during = ticks.filter(at__gt=since, at__lte=at).values_list("at", flat=True)
        self.ticks = [*([before] if before else []), *during]

    def at_slot(self, slot_at: datetime) -> str:
        """What the signs around a slot prove."""
        place = bisect_right(self.ticks, slot_at)
        # What asks is itself a sign of life.
        after = self.ticks[place] if place < len(self.ticks) else self.at
        if not place:
            return f"The clock gave no sign of life before {clock_time(after)}."
        before = self.ticks[place - 1]
        if after - before <= LONGEST:
            return ALIVE
        since = clock_time(before).removesuffix(" UTC")
        return f"The clock gave no sign of life from {since} to {clock_time(after)}."
