"""Experiments: questions to which several trainings are an answer."""

from datetime import datetime
from typing import Annotated

from ninja import Field, Router, Schema, Status

from accounts.programs.needs import Needs
from accounts.programs.values import refusal
from accounts.requests import Request
from registry.api.given import Experiment, Long
from registry.api.people import name_of
from registry.runs.experiments import Listed, listed
from registry.runs.forms import ExperimentForm
from registry.training.experiments import find_or_open

router = Router()


class ExperimentOut(Schema):
    """An experiment, how many trainings it has, and the best of them."""

    id: int
    name: str
    description: str
    n_trainings: int
    n_succeeded: int
    best: int | None
    # Average precision of the best on the hold-out.
    figure: float | None
    created_at: datetime
    created_by: str | None

    @staticmethod
    def of(line: Listed) -> "ExperimentOut":
        """As the page lists it."""
        found = line.experiment
        return ExperimentOut(
            id=found.pk,
            name=found.name,
            description=found.description,
            n_trainings=found.n,
            n_succeeded=found.n_done,
            best=line.best.pk if line.best else None,
            figure=line.figure,
            created_at=found.created_at,
            created_by=name_of(found.created_by),
        )


class ExperimentIn(Schema):
    """A new one."""

    name: Experiment
    description: Annotated[Long, Field(max_length=2000)] = ""


@router.get("", auth=Needs("registry.view_trainingrun"), response=list[ExperimentOut])
def list_experiments(request: Request) -> list[ExperimentOut]:
    """All of them, what was worked on last first."""
    return [ExperimentOut.of(line) for line in listed()]


@router.post("", auth=Needs("registry.add_trainingrun"), response={201: ExperimentOut})
def open_experiment(request: Request, asked: ExperimentIn) -> Status[ExperimentOut]:
    """Open one."""
    form = ExperimentForm(asked.dict())
    if not form.is_valid():
        raise refusal(form)
    wanted = form.cleaned_data
    made = find_or_open(wanted["name"], request.user, description=wanted["description"])
    found = next(line for line in listed() if line.experiment == made)
    return Status(201, ExperimentOut.of(found))
