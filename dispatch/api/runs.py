"""Runs: all of them, one as it happens, and the buttons at it."""

from typing import Annotated

from django.db.models import QuerySet
from ninja import Field, Query, Router, Schema, Status
from ninja.pagination import paginate

from accounts.programs.needs import Needs
from accounts.programs.paging import Pages
from accounts.programs.values import Moment
from accounts.requests import Request
from dispatch.api.run_out import OneRunOut, RunOut, one, seen_by
from dispatch.models import Run
from dispatch.runs import tail
from dispatch.runs.cancel import cancel, retry
from dispatch.runs.listing import Wanted
from monitor.work import State

router = Router()
_looks = Needs("dispatch.view_schedule")
_runs = Needs("dispatch.add_run")
_Place = Annotated[int, Field(ge=0, le=2**31 - 1)]


class RunsWanted(Schema):
    """Which runs are asked for."""

    schedule: str | None = Field(None, max_length=50, pattern=r"^[-a-zA-Z0-9_]+$")
    state: State | None = None
    since: Moment | None = None
    until: Moment | None = None
    # Only those that read something.
    reading: bool = False

    def among(self, runs: QuerySet[Run]) -> QuerySet[Run]:
        """Those of the runs that are wanted; removed schedules have theirs too."""
        if self.schedule:
            runs = runs.filter(schedule__slug=self.schedule)
        wanted = Wanted(None, self.state or "", self.since, self.until, self.reading)
        return wanted.among(runs)


class LogOut(Schema):
    """What a run has logged from some byte on."""

    text: str
    # The byte after it: what comes next is asked for by this.
    after: int
    # Whether there may be more.
    is_under_way: bool


@router.get("", auth=_looks, response=list[RunOut])
@paginate(Pages, ordering=("-created_at", "-pk"))
def list_runs(request: Request, wanted: Query[RunsWanted]) -> QuerySet[Run]:
    """Of all schedules, the newest first."""
    return wanted.among(seen_by(request.user))


@router.get("/{run}", auth=_looks, response=OneRunOut)
def get_run(request: Request, run: int) -> Run:
    """One of them."""
    return one(run, request.user)


@router.get("/{run}/log", auth=_looks, response=LogOut)
def get_run_log(request: Request, run: int, after: _Place = 0) -> LogOut:
    """Its log behind so many bytes, line by line."""
    found = one(run, request.user)
    more = tail.more(found, after)
    return LogOut(text=more.text, after=more.after, is_under_way=found.is_under_way)


@router.post("/{run}/cancel", auth=_runs, response={202: OneRunOut})
def cancel_run(request: Request, run: int) -> Status[Run]:
    """Have it stop; what has ended stays as it is."""
    cancel(one(run, request.user), by=request.user)
    return Status(202, one(run, request.user))


@router.post("/{run}/retry", auth=_runs, response={202: OneRunOut})
def retry_run(request: Request, run: int) -> Status[Run]:
    """Have it go on where it stopped."""
    retry(one(run, request.user), by=request.user)
    return Status(202, one(run, request.user))
