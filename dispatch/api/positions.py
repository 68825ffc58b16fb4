"""Have a schedule read its table again, and take that back."""

from django.http import Http404
from ninja import Field, Router, Schema

from accounts.programs.needs import Needs
from accounts.programs.values import refusal
from accounts.requests import Request
from dispatch.api.schedule_out import PositionOut
from dispatch.models import Schedule
from dispatch.positions import rewind as verb
from dispatch.positions.forms import RewindForm
from dispatch.views.find import schedule_or_404

router = Router()
_changes = Needs("dispatch.change_schedule")


class RewindIn(Schema):
    """From which value of its mark, or of its key, on; or from the first row."""

    to: str = Field("", max_length=255)
    whole: bool = False


@router.post("/schedules/{slug:schedule}/rewind", auth=_changes, response=PositionOut)
def rewind_schedule(request: Request, schedule: str, given: RewindIn) -> PositionOut:
    """Have the next run read from there on."""
    found = _reading(schedule)
    form = RewindForm(given.dict())
    if not form.is_valid():
        raise refusal(form)
    moved = verb.rewind(found, form.cleaned_data["to"], by=request.user)
    return PositionOut.of(moved)


@router.post(
    "/schedules/{slug:schedule}/rewind/undo", auth=_changes, response=PositionOut
)
def undo_rewind(request: Request, schedule: str) -> PositionOut:
    """Go on where it would have gone on before."""
    return PositionOut.of(verb.undo(_reading(schedule), by=request.user))


def _reading(slug: str) -> Schedule:
    """One that reads on in a table."""
    found = schedule_or_404(slug)
    if verb.reading(found) is None:
        raise Http404
    return found
