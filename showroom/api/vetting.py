"""The queue: what somebody is to judge next."""

from typing import Annotated, Any

from ninja import Field, Query, Router, Schema
from ninja.errors import ValidationError

from accounts.programs.needs import Needs
from accounts.programs.values import Key
from accounts.requests import Request
from showroom.api.reading import reading
from showroom.api.wanted import Ordered, wanted
from showroom.models import Verdict
from showroom.vetting.asked import Asked
from showroom.vetting.place import Queue, ahead, place
from showroom.views.find import batch_or_404

router = Router()
_judges = Needs("showroom.add_verdict")
_MOST = 50
_Place = Annotated[str, Field(pattern="^[0-9]{1,18}-[0-9]{1,18}$")]


class Wish(Schema):
    """Which queue: the least certain of all that one may see, if nothing is said."""

    order: Verdict.Order = Verdict.Order.UNCERTAIN
    batch: Key | None = None
    after: _Place | None = Field(None, description="The candidate before, as 12-3.")
    n: int = Field(1, ge=1, le=_MOST)


class Coming(Schema):
    """A candidate that one has not judged yet."""

    candidate: str
    batch: int
    row: int


class QueueOut(Schema):
    """What comes next, and how many are left."""

    results: list[Coming]
    # Behind the end those that were left for later have come again.
    again: bool
    left: int
    # Whether there are more than were counted.
    more: bool


@router.get("/next", auth=_judges, response=QueueOut)
@reading
def list_next_to_judge(
    request: Request, wish: Query[Wish], rows: Query[Ordered]
) -> QueueOut:
    """The next candidates; of the order `table` those that the filters choose."""
    queue = _queue(request, wish, rows)
    found = ahead(queue, place(wish.after) if wish.after else None, wish.n)
    left = queue.left()
    return QueueOut(
        results=[
            Coming(candidate=str(one), batch=one.batch, row=one.row)
            for one in found.places
        ],
        again=found.again,
        left=left.n,
        more=left.more,
    )


def _queue(request: Request, wish: Wish, rows: Ordered) -> Queue:
    batch = batch_or_404(request, wish.batch) if wish.batch else None
    chosen: dict[str, Any] = {}
    if batch and wish.order == Verdict.Order.TABLE:
        chosen = wanted(request, batch, rows)
    queue = Asked(wish.order, batch, chosen, "").queue(request.user)
    if queue is None:
        told = "The order of a table takes the batch."
        raise ValidationError([{"loc": ["query", "batch"], "msg": told}])
    return queue
