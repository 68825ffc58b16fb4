"""A run as its page shows it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Q
from django.template.defaultfilters import filesizeformat, pluralize
from django.utils.timezone import now

from accounts.models import User
from accounts.templatetags.times import grouped
from dispatch.models import Run, Step
from monitor.work import State
from showroom import rows
from showroom.models import Batch

_REJECTS_SHOWN = 20
# As they are taken: a run that finds nothing new needs no model.
_ORDER = (
    Step.Name.COLLECTED,
    Step.Name.LOADED,
    Step.Name.INFERRED,
    Step.Name.PERSISTED,
)
# How long a step took stands beside it, and where it wrote below.
_ELSEWHERE = ("seconds", "path", "sha256", "rejects")
# Where a run that failed had come to, and so where to look first.
_ADVICE = {
    Step.Name.LOADED: "See in the registry whether the version is there and whole.",
    Step.Name.COLLECTED: "See whether the schedule's source can be read.",
    Step.Name.INFERRED: "See the log, and what was rejected.",
    Step.Name.PERSISTED: "See whether there is room and leave to write its output.",
}


class Shown(NamedTuple):
    """One step: waiting, now, done, broken or never, and what it tells."""

    name: Step.Name
    state: str
    step: Step | None
    facts: list[tuple[str, str]]


class Line(NamedTuple):
    """Who else is to work: runs before this one, runs at work, and at most so many."""

    before: int
    working: int
    most: int


def steps(run: Run) -> tuple[list[Shown], list[Shown]]:
    """The four steps as they stand; and those of attempts that broke off before."""
    latest: dict[str, Step] = {}
    earlier: list[Step] = []
    for step in run.steps.order_by("attempt", "started_at", "pk"):
        if step.name in latest:
            earlier.append(latest[step.name])
        latest[step.name] = step
    now_stand = [_shown(run, name, latest.get(name)) for name in _ORDER]
    return now_stand, [_shown(run, Step.Name(step.name), step) for step in earlier]


def advice(run: Run) -> str:
    """Where to look first when it failed."""
    for shown in steps(run)[0]:
        if shown.state != "done":
            return _ADVICE[shown.name]
    return "See the log."


def line(run: Run) -> Line:
    """Its place among the runs that wait; the first to come is the first to go."""
    return Line(
        before=Run.objects.filter(state=State.QUEUED, pk__lt=run.pk).count(),
        working=Run.objects.filter(place__isnull=False).count(),
        most=settings.PULSAR.dispatch.max_parallel,
    )


def beside(run: Run) -> Run | None:
    """The run that was open when this start was refused."""
    others = run.schedule.runs.exclude(state=State.SKIPPED).exclude(pk=run.pk)
    then = others.filter(created_at__lte=run.created_at)
    still = Q(finished_at=None) | Q(finished_at__gte=run.created_at)
    return then.filter(still).order_by("-created_at", "-pk").first()


def in_the_way(run: Run) -> Run | None:
    """Another run of its schedule that has not ended: only one may be open."""
    return run.schedule.runs.filter(open=True).exclude(pk=run.pk).first()


def batch(run: Run, user: User) -> Batch | None:
    """What it read, if this person may see it and nobody has deleted it."""
    if run.batch_id is None:
        return None
    return Batch.objects.visible_to(user).newest().filter(pk=run.batch_id).first()


def rejects(batch: Batch) -> list[rows.Row] | None:
    """The first of them; None where they cannot be read."""
    try:
        return list(rows.rejects(batch, _REJECTS_SHOWN))
    except OSError:
        return None


def lasts(run: Run) -> timedelta | None:
    """How long it took, or has taken so far."""
    if not run.started_at or run.finished_at:
        return run.took
    return now() - run.started_at


def facts(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Counts and names as they are read: what was kept without a form of its own."""
    for key, value in values.items():
        # None of something says nothing either.
        if value:
            yield key.removeprefix("n_").replace("_", " "), _words(key, value)


def output(run: Run) -> Iterator[tuple[str, str]]:
    """What it wrote, and where; the rejects in one sentence with their file."""
    n_rejected = run.output.get("rejected", 0)
    for key, value in run.output.items():
        if key == "rejects":
            yield key, f"{grouped(n_rejected)} reject{pluralize(n_rejected)} in {value}"
        elif key != "rejected":
            yield from facts({key: value})


def _shown(run: Run, name: Step.Name, step: Step | None) -> Shown:
    detail = step.detail if step else {}
    told = list(facts({k: v for k, v in detail.items() if k not in _ELSEWHERE}))
    return Shown(name, _state(run, step), step, told)


def _state(run: Run, step: Step | None) -> str:
    if step is None:
        return "waiting" if run.is_under_way else "never"
    if step.finished_at:
        return "done"
    # One that began before the present try was left by a worker that died.
    since = run.tried_at or step.started_at
    at_work = run.state == State.RUNNING and step.started_at >= since
    return "now" if at_work else "broken"


def _words(key: str, value: Any) -> str:
    if key in ("bytes", "n_bytes"):
        return filesizeformat(value)
    if isinstance(value, int | float):
        return grouped(value)
    return str(value)
