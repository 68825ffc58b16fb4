"""Slots: the moments at which a schedule should have run, and what became of each."""

from datetime import datetime

from django.db.models import QuerySet
from ninja import Query, Router, Schema
from ninja.pagination import paginate

from accounts.programs.needs import Needs
from accounts.programs.paging import Pages
from accounts.programs.values import Moment
from accounts.requests import Request
from dispatch.models import Slot
from dispatch.slots import listing
from dispatch.views.find import schedule_or_404

router = Router()


class SlotOut(Schema):
    """A slot, what became of it, and what proves that."""

    at: datetime
    outcome: Slot.Outcome
    evidence: str
    settled_at: datetime | None
    # Which of two equal times of the clock's zone it is.
    fold: int
    # Those that served it, or were refused.
    runs: list[int]

    @staticmethod
    def resolve_runs(slot: Slot) -> list[int]:
        return [run.pk for run in listing.line(slot).runs]


class SlotsWanted(Schema):
    """Which slots are asked for."""

    outcome: Slot.Outcome | None = None
    since: Moment | None = None
    until: Moment | None = None


@router.get(
    "/schedules/{slug:schedule}/slots",
    auth=Needs("dispatch.view_schedule"),
    response=list[SlotOut],
)
@paginate(Pages, ordering=("-at",))
def list_slots(
    request: Request, schedule: str, wanted: Query[SlotsWanted]
) -> QuerySet[Slot]:
    """The newest first."""
    among = listing.Wanted(wanted.outcome or "", wanted.since, wanted.until).among
    return among(listing.with_runs(schedule_or_404(schedule)))
