"""Runs as programs see them: how far each is, and what came of it."""

from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from ninja import Schema

from accounts.models import User
from accounts.programs.values import Length
from dispatch.models import Run, Step
from dispatch.runs import listing, show
from monitor.work import State
from showroom.models import Batch


class RunOut(Schema):
    """A run, and how far it is."""

    id: int
    url: str
    schedule: str
    state: State
    reason: str
    trigger: Run.Trigger
    # The moment that it serves; nothing where it stands beside them.
    slot: datetime | None
    by: str | None
    version: str | None
    # Of those that one may see.
    batch: int | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    took: Length
    # Retries that failures have used up, and until when the next one waits.
    tries: int
    not_before: datetime | None
    cancel_requested: bool
    n_files: int
    n_bytes: int
    n_waiting: int
    n_known: int
    n_rows: int
    n_scored: int
    n_pulsars: int
    n_rejected: int

    @staticmethod
    def resolve_url(run: Run) -> str:
        return run.get_absolute_url()

    @staticmethod
    def resolve_schedule(run: Run) -> str:
        return run.schedule.slug

    @staticmethod
    def resolve_slot(run: Run) -> datetime | None:
        return run.slot.at if run.slot else None

    @staticmethod
    def resolve_by(run: Run) -> str | None:
        return run.by.get_username() if run.by else None

    @staticmethod
    def resolve_version(run: Run) -> str | None:
        return str(run.version) if run.version else None

    @staticmethod
    def resolve_batch(run: Run) -> int | None:
        return run.batch.pk if run.batch else None


class StepOut(Schema):
    """One step of a run, in an attempt."""

    name: Step.Name
    # waiting, now, done, broken or never.
    state: str
    attempt: int | None
    started_at: datetime | None
    finished_at: datetime | None
    took: Length
    # Counts, names, and up to where it has read.
    detail: dict[str, Any]


class AheadOut(Schema):
    """Who else is to work: runs before this one, runs at work, and at most so many."""

    before: int
    working: int
    most: int


class OneRunOut(RunOut):
    """A run with its steps, and what it wrote."""

    host: str
    attempts: int
    # What was not taken in, and why.
    notes: list[str]
    steps: list[StepOut]
    # Those of attempts that broke off before.
    earlier: list[StepOut]
    # What the sink says of what it has written.
    output: dict[str, Any]
    # All slots that it stands for.
    served: list[datetime]
    # Its place among those that wait.
    line: AheadOut | None

    @staticmethod
    def resolve_steps(run: Run) -> list[StepOut]:
        return list(map(_step, show.steps(run)[0]))

    @staticmethod
    def resolve_earlier(run: Run) -> list[StepOut]:
        return list(map(_step, show.steps(run)[1]))

    @staticmethod
    def resolve_served(run: Run) -> list[datetime]:
        return list(run.served.order_by("at").values_list("at", flat=True))

    @staticmethod
    def resolve_line(run: Run) -> AheadOut | None:
        if run.state != State.QUEUED:
            return None
        return AheadOut(**show.line(run)._asdict())


def seen_by(user: User) -> QuerySet[Run]:
    """Runs as this person may see them: without the batches that are private."""
    batches = Batch.objects.visible_to(user).only("pk")
    runs = listing.newest(Run.objects.all()).select_related("version__model")
    return runs.prefetch_related(Prefetch("batch", batches))


def one(number: int, user: User) -> Run:
    """One of them."""
    return get_object_or_404(seen_by(user), pk=number)


def _step(shown: show.Shown) -> StepOut:
    step = shown.step
    return StepOut(
        name=shown.name,
        state=shown.state,
        attempt=step.attempt if step else None,
        started_at=step.started_at if step else None,
        finished_at=step.finished_at if step else None,
        took=step.took if step else None,
        detail=step.detail if step else {},
    )
