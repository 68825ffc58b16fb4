"""Schedules: looked up, made, changed, tried, removed, brought back, run now."""

from collections.abc import Callable
from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status
from ninja.errors import HttpError, ValidationError

from accounts.programs.needs import Needs
from accounts.programs.values import Key
from accounts.requests import Request
from dispatch import sinks, sources
from dispatch.api.run_out import OneRunOut, one
from dispatch.api.schedule_out import (
    OneScheduleOut,
    RemovedOut,
    ScheduleOut,
    listed,
    whole,
)
from dispatch.choose import BadSettings
from dispatch.models import Run, Schedule
from dispatch.runs.run_now import run_now
from dispatch.schedules import filled
from dispatch.schedules.forms import ScheduleForm
from dispatch.schedules.remove import remove, restore
from dispatch.schedules.save import change, create
from dispatch.views.find import schedule_or_404
from monitor.crontab.lines import CrontabError
from monitor.switching.switch import SwitchError
from monitor.work import State

router = Router()
_looks = Needs("dispatch.view_schedule")
_changes = Needs("dispatch.change_schedule")
_removes = Needs("dispatch.delete_schedule")
# As Kubernetes calls them, and as the database does.
_CALLED = {
    "concurrencyPolicy": "concurrency",
    "startingDeadlineSeconds": "start_within",
}
_OURS = {ours: theirs for theirs, ours in _CALLED.items()}
_KINDS: dict[str, Callable[[object], object]] = {
    "source": sources.of,
    "sink": sinks.of,
}
_REMOVED = 50
_Settings = dict[str, Any]


class ScheduleIn(Schema):
    """A schedule that is to be made."""

    name: str = Field(min_length=1, max_length=100)
    slug: str = Field("", max_length=50, description="Empty, it is made of the name.")
    cron: str = Field(max_length=120)
    source: _Settings = Field(examples=[{"kind": "folder", "folder": "/data/inbox"}])
    sink: _Settings = {"kind": "scores"}
    reference: str = Field("pulsar@champion", max_length=100)
    timeout_seconds: int = Field(3600, ge=60, le=7 * 86_400)
    retries: int = Field(2, ge=0, le=20)
    retry_seconds: int = Field(60, ge=1, le=3600)
    concurrencyPolicy: Schedule.Concurrency = Schedule.Concurrency.FORBID  # noqa: N815  # Kubernetes' words
    catch_up: Schedule.CatchUp = Schedule.CatchUp.LAST
    catch_up_most: int = Field(10, ge=1, le=1000)
    startingDeadlineSeconds: int = Field(300, ge=60, le=86_400)  # noqa: N815


class ScheduleChange(Schema):
    """What of a schedule is to be another, as it was at this revision."""

    revision: int = Field(ge=1, le=2**31 - 1)
    name: str | None = Field(None, min_length=1, max_length=100)
    cron: str | None = Field(None, max_length=120)
    source: _Settings | None = None
    sink: _Settings | None = None
    reference: str | None = Field(None, max_length=100)
    timeout_seconds: int | None = Field(None, ge=60, le=7 * 86_400)
    retries: int | None = Field(None, ge=0, le=20)
    retry_seconds: int | None = Field(None, ge=1, le=3600)
    concurrencyPolicy: Schedule.Concurrency | None = None  # noqa: N815  # Kubernetes' words
    catch_up: Schedule.CatchUp | None = None
    catch_up_most: int | None = Field(None, ge=1, le=1000)
    startingDeadlineSeconds: int | None = Field(None, ge=60, le=86_400)  # noqa: N815


@router.get("/schedules", auth=_looks, response=list[ScheduleOut])
def list_schedules(request: Request) -> list[ScheduleOut]:
    """All that nobody has removed, by name."""
    return listed(Schedule.objects.live().select_related("owner"))


@router.post(
    "/schedules", auth=Needs("dispatch.add_schedule"), response={201: OneScheduleOut}
)
def create_schedule(request: Request, given: ScheduleIn) -> Status[OneScheduleOut]:
    """Make one; `problems` says so if the clock does not start it yet."""
    values = _values(given.dict(exclude={"slug"}))
    form = _right(filled.new(values, given.slug))
    slug = form.cleaned_data["slug"]
    told = []
    try:
        create(form.values() | {"slug": slug}, by=request.user)
    except CrontabError as error:
        told = [f"The schedule is saved, but not started yet: {error}"]
    return Status(201, whole(schedule_or_404(slug), *told))


@router.get("/schedules/{slug:schedule}", auth=_looks, response=OneScheduleOut)
def get_schedule(request: Request, schedule: str) -> OneScheduleOut:
    """One of them."""
    return whole(schedule_or_404(schedule))


@router.patch(
    "/schedules/{slug:schedule}",
    auth=_changes,
    response=OneScheduleOut,
)
def change_schedule(
    request: Request, schedule: str, given: ScheduleChange
) -> OneScheduleOut:
    """Change some of it; what ran stays as it was."""
    found = schedule_or_404(schedule)
    values = _values(given.dict(exclude={"revision"}, exclude_none=True))
    form = _right(filled.edit(found, values))
    told = []
    try:
        change(found, form.values(), given.revision, by=request.user)
    except CrontabError as error:
        told = [f"The schedule is saved, but the crontab is as it was: {error}"]
    return whole(schedule_or_404(schedule), *told)


@router.delete(
    "/schedules/{slug:schedule}",
    auth=_removes,
    response=RemovedOut,
)
def remove_schedule(request: Request, schedule: str) -> RemovedOut:
    """Have nothing start it any more; its runs, slots and batches stay."""
    found = schedule_or_404(schedule)
    told = ""
    try:
        remove(found, by=request.user)
    except CrontabError as error:
        told = f"It is removed, but its line is still in the crontab: {error}"
    found.refresh_from_db()
    return RemovedOut.of(found, told)


@router.get("/removed-schedules", auth=_looks, response=list[RemovedOut])
def list_removed_schedules(request: Request) -> list[RemovedOut]:
    """The latest that were removed."""
    return [RemovedOut.of(one) for one in Schedule.objects.removed()[:_REMOVED]]


@router.post(
    "/removed-schedules/{removed}/restore",
    auth=_removes,
    response=OneScheduleOut,
)
def restore_schedule(request: Request, removed: Key) -> OneScheduleOut:
    """Bring one back."""
    found = get_object_or_404(Schedule.objects.removed(), pk=removed)
    told = []
    try:
        restore(found, by=request.user)
    except (CrontabError, SwitchError) as error:
        told = [f"It is back, but not in the crontab: {error}"]
    return whole(schedule_or_404(found.slug), *told)


@router.post(
    "/schedules/{slug:schedule}/runs",
    auth=Needs("dispatch.add_run"),
    response={202: OneRunOut},
)
def start_run(request: Request, schedule: str) -> Status[Run]:
    """Run it now, beside its slots."""
    run = run_now(schedule_or_404(schedule), by=request.user)
    if run.state == State.SKIPPED:
        raise HttpError(409, f"Nothing was started: {run.reason}")
    return Status(202, one(run.pk, request.user))


def _values(given: dict[str, Any]) -> dict[str, Any]:
    """What was given, as the database calls it; settings of no kind are refused."""
    for name, of in _KINDS.items():
        if name in given:
            try:
                of(given[name])
            except BadSettings as error:
                wrong = {"loc": ["body", name], "msg": str(error)}
                raise ValidationError([wrong]) from error
    return {_CALLED.get(name, name): value for name, value in given.items()}


def _right(form: ScheduleForm) -> ScheduleForm:
    """The form, if nothing is wrong with it."""
    if form.is_valid():
        return form
    raise ValidationError(
        [
            {"loc": ["body", *_OURS.get(name, name).split(".")], "msg": said}
            for name, told in filled.problems(form).items()
            for said in told
        ]
    )
