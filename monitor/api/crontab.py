"""The crontab as it really is, and what would make it what it should be."""

from ninja import Field, Router, Schema
from ninja.errors import HttpError

from accounts.programs.needs import Needs
from accounts.requests import Request
from monitor.crontab import whole
from monitor.switching import switch

router = Router()


class CrontabLineOut(Schema):
    """A line of the table."""

    number: int
    text: str
    is_ours: bool


class DifferenceOut(Schema):
    """A line of the difference: which goes, comes or stays, or where it stands."""

    sign: str
    text: str


class CrontabOut(Schema):
    """The table of the clock of this site."""

    rows: list[CrontabLineOut]
    difference: list[DifferenceOut]
    # Names the change that is shown: to make it, send this.
    seen: str
    problem: str


class SeenIn(Schema):
    """Which change is to be made: the one that was seen, and no other."""

    seen: str = Field(max_length=64)


@router.get("/crontab", auth=Needs("monitor.view_check"), response=CrontabOut)
def get_crontab(request: Request) -> whole.Whole:
    """Every line, and the difference to what should be there."""
    return whole.whole()


@router.post("/crontab/mend", auth=Needs("monitor.add_switch"), response=CrontabOut)
def mend_crontab(request: Request, given: SeenIn) -> whole.Whole:
    """Make the change that was shown."""
    if given.seen != whole.whole().seen:
        raise HttpError(409, "The crontab is another since you looked.")
    switch.mend_all(by=request.user)
    return whole.whole()
