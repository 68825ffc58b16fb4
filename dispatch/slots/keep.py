"""The ledger of all schedules, kept by each sweep."""

import logging
from datetime import datetime, timedelta

from dispatch.models import Schedule, Slot
from dispatch.slots import ledger
from dispatch.slots.settle import settle

logger = logging.getLogger(__name__)

# No schedule may want its slots started sooner; see Schedule.start_within.
SOONEST = timedelta(seconds=60)


def keep(at: datetime) -> None:
    """Write down what was due, and say what became of it."""
    unsettled = Slot.objects.filter(
        outcome__in=(Slot.Outcome.DUE, Slot.Outcome.WAITING), at__lt=at - SOONEST
    )
    busy = set(unsettled.order_by().values_list("schedule", flat=True).distinct())
    for schedule in Schedule.objects.live():
        _keep(schedule, at, settles=schedule.pk in busy)


def _keep(schedule: Schedule, at: datetime, *, settles: bool) -> None:
    """Keep one schedule's ledger; whatever is wrong with it, the others go on."""
    try:
        filled = ledger.fill(schedule, at) if ledger.is_behind(schedule, at) else 0
        # Only of a gap that is known whole can be said which slot was its last.
        if filled < ledger.MOST and (filled or settles):
            settle(schedule, at)
    # The door of one schedule: people make them.
    except Exception:
        logger.exception("The slots of %s cannot be kept", schedule)
