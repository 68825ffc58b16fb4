"""Trainings: looked up, followed, started, stopped, done again."""

from datetime import UTC, datetime
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import FileResponse, StreamingHttpResponse
from ninja import Query, Router, Schema, Status
from ninja.pagination import paginate

from accounts.programs.needs import Needs
from accounts.programs.paging import Pages
from accounts.programs.values import Length, refusal
from accounts.requests import Request
from monitor.work import State
from registry.api.bodies import holds
from registry.api.given import Text
from registry.api.people import name_of
from registry.api.training_in import TrainingChange, TrainingIn, TrainingsAsked
from registry.models import TrainingRun, TrainingStep
from registry.runs import export
from registry.runs.edit import edit
from registry.runs.filter import RunFilter
from registry.runs.forms import EditForm, NewRunForm
from registry.runs.parameters import parameters
from registry.training import files, log
from registry.training.again import again, go_on
from registry.training.ask import ask
from registry.training.cancel import cancel
from registry.views import run as pages

router = Router()
table = Router()
# Kept by trainings and what they name, and told by no list.
_LONG = (
    "packages",
    "dataset__recipe",
    "dataset__columns",
    "version__card",
    "champion__card",
)
_looks = Needs("registry.view_trainingrun")
_trains = Needs("registry.add_trainingrun")
_changes = Needs("registry.change_trainingrun")


class TrainingOut(Schema):
    """One execution of the training pipeline: what was asked for, what came of it."""

    id: int
    url: str
    state: State
    reason: str
    experiment: str
    dataset: int
    model: str
    algorithm: TrainingRun.Algorithm
    # All that it is run with; what is still searched among is in `search`.
    parameters: dict[str, int | float]
    search: dict[str, list[int | float]]
    policy: TrainingRun.Policy
    recall: float
    seed: int
    source: TrainingRun.Source
    by: str | None
    tags: list[str]
    notes: str
    # Figures by name, such as holdout.recall; empty until it has succeeded.
    metrics: dict[str, float]
    # The version that came of it; and beside which one it is judged.
    version: str | None
    champion: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    took: Length

    @staticmethod
    def resolve_url(run: TrainingRun) -> str:
        return run.get_absolute_url()

    @staticmethod
    def resolve_experiment(run: TrainingRun) -> str:
        return run.experiment.name

    @staticmethod
    def resolve_dataset(run: TrainingRun) -> int:
        return run.dataset.number

    @staticmethod
    def resolve_parameters(run: TrainingRun) -> dict[str, int | float]:
        return parameters(run)

    @staticmethod
    def resolve_by(run: TrainingRun) -> str | None:
        return name_of(run.by)

    @staticmethod
    def resolve_version(run: TrainingRun) -> str | None:
        return str(run.version) if run.version else None

    @staticmethod
    def resolve_champion(run: TrainingRun) -> str | None:
        return str(run.champion) if run.champion else None


class TrainingStepOut(Schema):
    """One step of it."""

    name: TrainingStep.Name
    # Of the trial on a few rows, before the training itself.
    rehearsal: bool
    state: State
    reason: str
    attempts: int
    started_at: datetime | None
    finished_at: datetime | None
    took: Length


class TrainingWhole(TrainingOut):
    """With its steps, and how far the one at work is."""

    steps: list[TrainingStepOut]
    progress: dict[str, Any]
    git_commit: str
    packages: dict[str, str]

    @staticmethod
    def resolve_steps(run: TrainingRun) -> list[TrainingStep]:
        return list(run.steps.order_by("-rehearsal", "pk"))


class TrainingLogOut(Schema):
    """What was logged from some byte on."""

    text: str
    # The byte after it: what comes next is asked for by this.
    after: int
    is_under_way: bool


class TrainingFileOut(Schema):
    """A file that its steps have left."""

    name: str
    size: int
    sha256: str


@router.get("", auth=_looks, response=list[TrainingOut])
@paginate(Pages)
def list_trainings(
    request: Request, asked: Query[TrainingsAsked]
) -> QuerySet[TrainingRun]:
    """Those that are wanted, the newest first."""
    return _wanted(asked)


@table.get("", auth=_looks, openapi_extra=holds("text/csv"))
def get_trainings_csv(
    request: Request, asked: Query[TrainingsAsked]
) -> StreamingHttpResponse:
    """All of these as a table: whatever is known of each, one a line."""
    return StreamingHttpResponse(
        export.lines(_wanted(asked).order_by("-pk"), UTC),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="trainings.csv"'},
    )


@router.post("", auth=_trains, response={202: TrainingWhole})
def start_training(request: Request, asked: TrainingIn) -> Status[TrainingRun]:
    """Have a model trained."""
    form = NewRunForm(asked.typed(), start={})
    if not form.is_valid():
        raise refusal(form)
    return Status(202, ask(**form.asked(), by=request.user))


@router.get("/{training}", auth=_looks, response=TrainingWhole)
def get_training(request: Request, training: int) -> TrainingRun:
    """One of them, with its steps."""
    return pages.run_or_404(training)


@router.patch("/{training}", auth=_changes, response=TrainingWhole)
def edit_training(
    request: Request, training: int, asked: TrainingChange
) -> TrainingRun:
    """Change its notes, tags and experiment."""
    found = pages.run_or_404(training)
    form = EditForm(asked.typed(found))
    if not form.is_valid():
        raise refusal(form)
    edit(found, **form.cleaned_data, by=request.user)
    return pages.run_or_404(training)


@router.get("/{training}/log", auth=_looks, response=TrainingLogOut)
def get_training_log(
    request: Request, training: int, after: Annotated[int, Query(0, ge=0)] = 0
) -> TrainingLogOut:
    """Its log from a byte on: to follow it, ask with the `after` of the last answer."""
    found = pages.run_or_404(training)
    more = log.more(found, after)
    under_way = found.is_under_way
    return TrainingLogOut(text=more.text, after=more.after, is_under_way=under_way)


@router.get("/{training}/files", auth=_looks, response=list[TrainingFileOut])
def list_training_files(request: Request, training: int) -> list[dict[str, Any]]:
    """What its steps have left."""
    return files.kept(pages.run_or_404(training))


@router.get(
    "/{training}/files/{path:file}",
    auth=_looks,
    openapi_extra=holds("application/octet-stream"),
)
def get_training_file(request: Request, training: int, file: Text) -> FileResponse:
    """One of these files."""
    return pages.file(request, training, file)


@router.post("/{training}/cancel", auth=_changes, response=TrainingWhole)
def cancel_training(request: Request, training: int) -> TrainingRun:
    """Stop it."""
    cancel(pages.run_or_404(training), by=request.user)
    return pages.run_or_404(training)


@router.post("/{training}/resume", auth=_changes, response={202: TrainingWhole})
def resume_training(request: Request, training: int) -> Status[TrainingRun]:
    """Go on at the first step that is not done."""
    go_on(pages.run_or_404(training), by=request.user)
    return Status(202, pages.run_or_404(training))


@router.post("/{training}/again", auth=_trains, response={202: TrainingWhole})
def repeat_training(request: Request, training: int) -> Status[TrainingRun]:
    """Train once more with the same settings."""
    return Status(202, again(pages.run_or_404(training), by=request.user))


def _wanted(asked: TrainingsAsked) -> QuerySet[TrainingRun]:
    form = RunFilter(asked.typed())
    if not form.is_valid():
        raise refusal(form, "query")
    return form.wanted().among(pages.named()).defer(*_LONG)
