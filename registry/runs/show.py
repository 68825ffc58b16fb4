"""A training run as its page shows it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.timezone import now

from monitor.work import State
from registry.models import TrainingRun, TrainingStep
from registry.runs import figures
from registry.training.files import kept

_LOOKS = {
    State.QUEUED: "waiting",
    State.RUNNING: "now",
    State.UP_FOR_RETRY: "waiting",
    State.SUCCESS: "done",
    State.FAILED: "broken",
    State.CANCELLED: "never",
    State.SKIPPED: "never",
}


class Shown(NamedTuple):
    """One step: waiting, now, done, broken or never."""

    name: TrainingStep.Name
    state: str
    step: TrainingStep | None

    @property
    def size(self) -> int:
        """Bytes of all that it left."""
        return sum(left["size"] for left in self.step.outputs) if self.step else 0


class Line(NamedTuple):
    """Who else is to train: runs before this one, runs at work, and at most so many.

    And what else its workers have before it, such as batches and imports.
    """

    before: int
    working: int
    most: int
    others: int


class Progress(NamedTuple):
    """How far the step at work is, in words and as a share; None: nobody knows."""

    step: str
    words: str
    percent: int | None
    is_rehearsal: bool


def steps(run: TrainingRun, *, rehearsal: bool) -> list[Shown]:
    """Every step as it stands, of the run itself or of its rehearsal."""
    rows = {step.name: step for step in run.steps.filter(rehearsal=rehearsal)}
    return [
        Shown(name, _look(run, rows.get(name)), rows.get(name))
        for name in TrainingStep.Name
    ]


def files(run: TrainingRun) -> Iterator[tuple[TrainingStep, dict[str, Any]]]:
    """Each file that is there, with the step that left it."""
    there = {file["name"] for file in kept(run)}
    for shown in steps(run, rehearsal=False):
        if shown.step:
            for file in shown.step.outputs:
                if file["name"] in there:
                    yield shown.step, file


def line(run: TrainingRun) -> Line:
    """Its place among the runs that wait; the first to come is the first to go."""
    older = TrainingRun.objects.under_way().filter(
        queue=run.queue, created_at__lt=run.created_at
    )
    return Line(
        before=TrainingRun.objects.filter(state=State.QUEUED, pk__lt=run.pk).count(),
        working=TrainingRun.objects.filter(place__isnull=False).count(),
        most=settings.PULSAR.training.max_parallel,
        others=run.ahead - older.count(),
    )


def progress(run: TrainingRun) -> Progress | None:
    """What the step at work has told last."""
    told: dict[str, Any] = run.progress
    if run.state != State.RUNNING or not told.get("step"):
        return None
    done, of = told.get("done") or 0, told.get("of") or 0
    return Progress(
        step=TrainingStep.Name(told["step"]).label,
        words=_plainly(told.get("words", "")),
        percent=100 * done // of if of else None,
        is_rehearsal=bool(told.get("rehearsal")),
    )


def lasts(run: TrainingRun) -> timedelta | None:
    """How long it took, or has taken so far."""
    if not run.started_at or run.finished_at:
        return run.took
    return now() - run.started_at


def headline(run: TrainingRun) -> Iterator[tuple[str, float]]:
    """The few figures that matter most, where there are any."""
    for figure in figures.of_split("holdout"):
        if figure.key in run.metrics:
            yield figure.label, run.metrics[figure.key]


def _plainly(words: str) -> str:
    """Algorithms as the other pages call them."""
    for name, label in TrainingRun.Algorithm.choices:
        words = words.replace(name, str(label))
    return words


def _look(run: TrainingRun, step: TrainingStep | None) -> str:
    if step is None or step.state == State.QUEUED:
        return "waiting" if run.is_under_way else "never"
    if step.state in (State.FAILED, State.CANCELLED) and run.is_under_way:
        return "waiting"  # for another go
    if step.state == State.RUNNING and not run.is_under_way:
        return "broken"
    return _LOOKS[State(step.state)]
