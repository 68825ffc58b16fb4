"""Schedules as programs see them: what they do, when, and how they fared."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Self

from django.db.models import Count
from django.utils import timezone
from ninja import Schema

from accounts.programs.values import Length
from dispatch.models import Position, Run, Schedule
from dispatch.positions.rewind import position
from dispatch.schedules.glance import Glance, glances
from dispatch.schedules.tell import tell
from monitor import people
from monitor.api.switch_out import ComingOut, SkipOut, SwitchOut
from monitor.checks.roster import lasts
from monitor.clock.cron import clock_zone, upcoming
from monitor.crontab.standing import crontab
from monitor.models import Skip, Switch
from monitor.work import State

_SHOWN = 20


class ScheduleOut(Schema):
    """A schedule, when it runs, and how it fared."""

    slug: str
    url: str
    name: str
    # Of its source and of its sink.
    source_kind: str
    sink_kind: str
    cron: str
    words: str
    # Of the clock that starts it; nothing where its machine gives it no name.
    tz: str | None
    reference: str
    concurrencyPolicy: Schedule.Concurrency  # noqa: N815  # Kubernetes' words
    startingDeadlineSeconds: int  # noqa: N815
    suspend: bool
    # By whom and why, where it is switched off.
    paused: SwitchOut | None
    # Its line in the crontab: on, edited, off or missing; empty where none is read.
    line: str
    next_run: datetime | None
    next_runs: list[ComingOut]
    # The last that was let in.
    last_run: datetime | None
    last_run_id: int | None
    last_state: State | None
    last_duration: Length
    n_runs: int
    # What a run would stop at now.
    problems: list[str]
    owner: str | None
    created_at: datetime
    changed_at: datetime
    revision: int


class PositionOut(Schema):
    """Where the next run of a schedule goes on in its table."""

    goes_on: str
    # As it was before somebody moved it; empty where nobody has.
    went_on: str
    moved_at: datetime

    @classmethod
    def of(cls, found: Position) -> Self:
        return cls(
            goes_on=found.goes_on,
            went_on=found.went_on if found.before else "",
            moved_at=found.moved_at,
        )


class OneScheduleOut(ScheduleOut):
    """A schedule with all its settings, and who switched it."""

    source: dict[str, Any]
    sink: dict[str, Any]
    reads: str
    writes: str
    # Which one a run would take now.
    version: str | None
    timeout_seconds: int
    retries: int
    retry_seconds: int
    catch_up: Schedule.CatchUp
    catch_up_most: int
    position: PositionOut | None
    skips: list[SkipOut]
    # The newest first.
    switches: list[SwitchOut]


class RemovedOut(Schema):
    """A schedule that can be brought back by its number."""

    id: int
    slug: str
    name: str
    removed_at: datetime
    # What else somebody must see to.
    problem: str

    @classmethod
    def of(cls, schedule: Schedule, problem: str = "") -> Self:
        return cls(
            id=schedule.pk,
            slug=schedule.slug,
            name=schedule.name,
            removed_at=schedule.changed_at,
            problem=problem,
        )


def listed(schedules: Iterable[Schedule]) -> list[ScheduleOut]:
    """All of them, in their order."""
    at = timezone.now()
    seen = glances(schedules, crontab().found, at)
    counts = _counts(glance.schedule for glance in seen)
    switches = lasts(Switch, [glance.schedule.job for glance in seen])
    skips = _coming_skips(at, (glance.schedule.job for glance in seen))
    names = people.names(switches.values())
    return [
        ScheduleOut(
            **_known(glance, switches.get(glance.schedule.job), names),
            next_runs=_next_runs(glance.schedule, skips, at),
            n_runs=counts.get(glance.schedule.pk, 0),
        )
        for glance in seen
    ]


def whole(schedule: Schedule, *problems: str) -> OneScheduleOut:
    """One of them; with what went wrong beside what was done."""
    at = timezone.now()
    [brief] = listed([schedule])
    told, found = tell(schedule), position(schedule)
    switches = Switch.objects.filter(job=schedule.job, at__gte=schedule.created_at)
    last = switches.order_by("-at", "-pk")[:_SHOWN]
    skips = _coming_skips(at, [schedule.job])
    names = people.names([*last, *skips])
    return OneScheduleOut(
        **brief.dict(exclude={"problems"}),
        problems=[*problems, *told.problems],
        source=schedule.source,
        sink=schedule.sink,
        reads=told.source,
        writes=told.sink,
        version=str(told.version) if told.version else None,
        timeout_seconds=schedule.timeout_seconds,
        retries=schedule.retries,
        retry_seconds=schedule.retry_seconds,
        catch_up=Schedule.CatchUp(schedule.catch_up),
        catch_up_most=schedule.catch_up_most,
        position=PositionOut.of(found) if found else None,
        skips=[SkipOut.of(skip, names) for skip in skips],
        switches=[SwitchOut.of(one, names) for one in last],
    )


def _known(
    glance: Glance, switch: Switch | None, names: Mapping[str, str]
) -> dict[str, Any]:
    """What stands in its row, in the crontab and in its last run."""
    schedule, last = glance.schedule, glance.last
    off = switch if switch and not switch.on else None
    return {
        "slug": schedule.slug,
        "url": schedule.get_absolute_url(),
        "name": schedule.name,
        "source_kind": schedule.source.get("kind", ""),
        "sink_kind": schedule.sink.get("kind", ""),
        "cron": schedule.cron,
        "words": glance.words,
        "tz": clock_zone().key,
        "reference": schedule.reference,
        "concurrencyPolicy": Schedule.Concurrency(schedule.concurrency),
        "startingDeadlineSeconds": schedule.start_within,
        "suspend": off is not None,
        "paused": SwitchOut.of(off, names) if off else None,
        "line": glance.found.state if glance.found else "",
        "next_run": None if off or not glance.next else glance.next.at,
        "last_run": (last.started_at or last.created_at) if last else None,
        "last_run_id": last.pk if last else None,
        "last_state": State(last.state) if last else None,
        "last_duration": last.took if last else None,
        "problems": glance.problems,
        "owner": schedule.owner.get_username() if schedule.owner else None,
        "created_at": schedule.created_at,
        "changed_at": schedule.changed_at,
        "revision": schedule.revision,
    }


def _next_runs(
    schedule: Schedule, skips: Iterable[Skip], at: datetime
) -> list[ComingOut]:
    left_out = {skip.slot for skip in skips if skip.job == schedule.job}
    slots = upcoming(schedule.cron, at, clock_zone())
    return [ComingOut.of(slot, left_out) for slot in slots]


def _coming_skips(at: datetime, jobs: Iterable[str]) -> list[Skip]:
    coming = Skip.objects.filter(job__in=list(jobs), slot__gt=at)
    return list(coming.order_by("job", "slot"))


def _counts(schedules: Iterable[Schedule]) -> dict[int, int]:
    """How many runs of each were let in."""
    runs = Run.objects.filter(schedule__in=list(schedules)).exclude(state=State.SKIPPED)
    return dict(runs.order_by().values_list("schedule").annotate(Count("pk")))
