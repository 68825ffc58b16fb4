"""Trainings as programs ask for them: filled into the pages' own forms."""

from typing import Annotated, Any

from ninja import Field, Schema
from ninja.errors import HttpError

from monitor.work import State
from pulsar_ml.training import parameters as known
from registry.api.given import Count, Experiment, Finite, Long, Tag, Text
from registry.models import Experiment as Opened
from registry.models import TrainingRun
from registry.training.ask import DEFAULT_EXPERIMENT

Value = int | Finite


class TrainingsAsked(Schema):
    """Which trainings are wanted; what is left out does not matter."""

    experiment: Experiment | None = None
    dataset: Count | None = None
    algorithm: TrainingRun.Algorithm | None = None
    policy: TrainingRun.Policy | None = None
    state: State | None = None
    tag: Tag | None = None
    notes: Annotated[Text, Field(max_length=200)] | None = None
    figure: Text | None = Field(None, description="Such as holdout.recall.")
    least: Finite | None = Field(None, description="Of the figure.")
    most: Finite | None = Field(None, description="Of the figure.")

    def typed(self) -> dict[str, Any]:
        """As people fill in the filter, which knows experiments by number."""
        given: dict[str, Any] = self.dict(exclude_none=True)
        if self.experiment is not None:
            opened = Opened.objects.filter(name=self.experiment).first()
            given["experiment"] = opened.pk if opened else 0
        return given


class TrainingIn(Schema):
    """What is to be trained; what is left out is as on the form of the pages."""

    dataset: Count
    algorithm: TrainingRun.Algorithm = TrainingRun.Algorithm.FOREST
    parameters: dict[Tag, Value | Annotated[list[Value], Field(max_length=100)]] = (
        Field({}, description="By name; of several values the best are searched for.")
    )
    policy: TrainingRun.Policy = TrainingRun.Policy.GROUPED
    recall: float = Field(0.92, ge=0.5, le=0.999)
    seed: int = Field(0, ge=0, le=2**31 - 1)
    experiment: Experiment = DEFAULT_EXPERIMENT
    tags: Annotated[list[Tag], Field(max_length=20)] = []
    notes: Long = ""

    def typed(self) -> dict[str, Any]:
        """As people type it into the form."""
        for name in self.parameters:
            known.of(self.algorithm, name)
        values = {
            f"{self.algorithm.value}-{name}": _listed(value)
            for name, value in self.parameters.items()
        }
        plain = self.dict(exclude={"parameters", "tags"})
        return plain | {"tags": ", ".join(self.tags)} | values


class TrainingChange(Schema):
    """What people write about a training; what is left out stays."""

    experiment: Experiment | None = None
    tags: Annotated[list[Tag], Field(max_length=20)] | None = None
    notes: Long | None = None

    def typed(self, run: TrainingRun) -> dict[str, Any]:
        """As people fill in the form, in which all of it stands."""
        tags = run.tags if self.tags is None else self.tags
        written = {"experiment": run.experiment.name, "notes": run.notes}
        return written | self.dict(exclude_none=True) | {"tags": ", ".join(tags)}


def _listed(value: Value | list[Value]) -> str:
    """A parameter as it is typed: several values are parted by commas."""
    values = value if isinstance(value, list) else [value]
    if not values:
        raise HttpError(422, "Of a list of values to be tried, give one at least.")
    return ", ".join(map(str, values))
