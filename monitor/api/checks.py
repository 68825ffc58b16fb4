"""Checks: how everything is that is looked at, and a look now."""

from datetime import datetime
from typing import Any, Self

from django.http import Http404
from django.utils import timezone
from ninja import Router, Schema, Status

from accounts.programs.needs import Needs
from accounts.programs.values import Length, Number, Seconds
from accounts.requests import Request
from monitor.checks import ask, board
from monitor.checks.bar import past
from monitor.checks.find import find, kept
from monitor.models import Check, Job

router = Router()
_looks = Needs("monitor.view_check")
_JOB = "job-"
# Of jobs, their own page tells who started what.
_ELSEWHERE = ("by", "running")


class CheckOut(Schema):
    """A check as it was found last."""

    slug: str
    url: str
    kind: Check.Kind
    name: str
    state: Check.State
    since: datetime
    summary: str
    looked_at: datetime | None
    # How long the look took.
    took: Seconds
    # So long after its time it may start, in seconds; of what is no job nothing.
    grace: int | None
    is_stale: bool
    is_asked: bool
    # The live one about it.
    alert: int | None
    # Slugs of others whose failure explains its own.
    depends: list[str]

    @classmethod
    def of(cls, look: board.Look, graces: dict[str, int], **more: Any) -> Self:
        check = look.check
        return cls(
            slug=check.slug,
            url=check.get_absolute_url(),
            kind=Check.Kind(check.kind),
            name=check.name,
            state=Check.State(check.state),
            since=check.since,
            summary=check.summary,
            looked_at=check.looked_at,
            took=check.took,
            grace=graces.get(check.slug),
            is_stale=look.is_stale,
            is_asked=look.is_asked,
            alert=look.alert.pk if look.alert else None,
            depends=check.depends,
            **more,
        )


class FlipOut(Schema):
    """A check was found in another state than before."""

    at: datetime
    was: Check.State
    state: Check.State
    summary: str
    # Until the next one, or until now.
    lasted: Length


class UptimeOut(Schema):
    """How a check was over some time."""

    window: str
    since: datetime
    until: datetime
    # Of the time that counts, 0 to 1.
    uptime: Number
    downs: int
    down: Length


class OneCheckOut(CheckOut):
    """A check with what the last look found, and how it was."""

    # As the look has found it: steps, addresses, numbers.
    detail: dict[str, Any]
    # The newest first.
    flips: list[FlipOut]
    uptimes: list[UptimeOut]


@router.get("", auth=_looks, response=list[CheckOut])
def list_checks(
    request: Request, state: Check.State | None = None, kind: Check.Kind | None = None
) -> list[CheckOut]:
    """Everything that is looked at, what is worst first."""
    asked = {"state": state, "kind": kind}
    wanted = {name: value for name, value in asked.items() if value}
    return _told(wanted)


@router.post("/look", auth=_looks, response={202: list[CheckOut]})
def look_at_all(request: Request) -> Status[list[CheckOut]]:
    """Have everything looked at, unless that is under way already."""
    ask.ask_all(request.user)
    return Status(202, _told({}))


@router.get("/{slug:check}", auth=_looks, response=OneCheckOut)
def get_check(request: Request, check: str) -> OneCheckOut:
    """One of them; of a job, `/jobs/{job}` tells more."""
    return _whole(_found(check))


@router.post("/{slug:check}/look", auth=_looks, response={202: OneCheckOut})
def look_at_check(request: Request, check: str) -> Status[OneCheckOut]:
    """Have it looked at, unless that is under way already."""
    found = kept(_found(check))
    ask.ask(found, request.user)
    found.refresh_from_db()
    return Status(202, _whole(found))


def _found(slug: str) -> Check:
    found = find(slug)
    if found is None:
        raise Http404
    return found


def _told(wanted: dict[str, Any]) -> list[CheckOut]:
    graces = _graces()
    looks = board.every(timezone.now())
    return [
        CheckOut.of(look, graces)
        for look in looks
        if all(getattr(look.check, name) == value for name, value in wanted.items())
    ]


def _whole(check: Check) -> OneCheckOut:
    at = timezone.now()
    was = past(check, at) if check.pk else None
    detail = check.detail if isinstance(check.detail, dict) else {}
    return OneCheckOut.of(
        board.look_at(check, at),
        _graces(),
        detail={k: v for k, v in detail.items() if k not in _ELSEWHERE},
        flips=[FlipOut(**flip._asdict()) for flip in was.changes] if was else [],
        uptimes=[
            UptimeOut(
                window=bar.window.name,
                since=bar.since,
                until=bar.until,
                uptime=bar.uptime,
                downs=bar.downs,
                down=bar.down,
            )
            for bar in (was.bars if was else ())
        ],
    )


def _graces() -> dict[str, int]:
    """How long each job may be late, by the slug of its check."""
    known = Job.objects.values_list("slug", "start_within")
    return {f"{_JOB}{slug}": seconds for slug, seconds in known}
