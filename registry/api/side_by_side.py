"""Versions, or trainings, side by side; and many trainings as a chart."""

from typing import Annotated, Any, Literal, NamedTuple

from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError

from accounts.programs.needs import Needs
from accounts.programs.values import refusal
from accounts.requests import Request
from registry import serving
from registry.api.given import Count, Reference, Text
from registry.api.training_in import TrainingsAsked
from registry.gate.side_by_side import Part, side_by_side
from registry.runs.chart import Chart, chart
from registry.runs.compare import MOST, Line, Row, chosen, compare
from registry.runs.curves import curves, overlaid
from registry.runs.filter import ChartForm, RunFilter
from registry.runs.plot import Plot

of_versions = Router()
of_trainings = Router()
_versions = Needs("registry.view_version")
_trainings = Needs("registry.view_trainingrun")

Split = Literal["holdout", "stratified", "grouped", "time"]


class ComparedRowOut(Schema):
    """One thing that was asked for or used, in the order of the columns."""

    label: str
    values: list[str]

    @staticmethod
    def resolve_values(row: Row) -> list[str]:
        return [cell.text for cell in row.cells]


class ComparedValueOut(Schema):
    """A figure in one column, with its interval."""

    value: float
    low: float | None
    high: float | None
    is_best: bool
    # Of two versions, of the first against the second; else against the first training.
    change: float | None
    # Chance may be all of the change.
    is_within: bool


class ComparedFigureOut(Schema):
    """One figure in all columns; null where a column has none."""

    name: str
    label: str
    # 1 where more is better, -1 where less is, 0 where neither.
    better: int
    values: list[ComparedValueOut | None]

    @staticmethod
    def resolve_name(line: Line) -> str:
        return line.figure.key

    @staticmethod
    def resolve_label(line: Line) -> str:
        return line.figure.label

    @staticmethod
    def resolve_better(line: Line) -> int:
        return line.figure.better

    @staticmethod
    def resolve_values(line: Line) -> list[Any]:
        return line.cells


class ComparedSliceOut(Schema):
    """Recall on a part of each one's hold-out; null where it has too few rows there."""

    column: str
    label: str
    recall: list[float | None]
    change: float | None

    @staticmethod
    def resolve_recall(part: Part) -> list[float | None]:
        return [
            side.recall["value"] if side and side.recall else None
            for side in part.sides
        ]


class PlotTickOut(Schema):
    """A value written along an axis."""

    place: float
    text: str


class PlotAxisOut(Schema):
    """One side of a plot; on a logarithmic one, places are powers of ten."""

    label: str
    low: float
    high: float
    ticks: list[PlotTickOut]


class PlotPointOut(Schema):
    """One place in a plot, what it says, and where it leads."""

    x: float
    y: float
    words: str
    url: str


class PlotTraceOut(Schema):
    """Points that belong together."""

    name: str
    is_line: bool
    points: list[PlotPointOut]


class PlotOut(Schema):
    """What is drawn."""

    title: str
    x: PlotAxisOut
    y: PlotAxisOut
    traces: list[PlotTraceOut]


class SideBySideOut(Schema):
    """What was asked of each, what came of it, and why that says less than it seems."""

    columns: list[str]
    split: Split
    facts: list[ComparedRowOut]
    parameters: list[ComparedRowOut]
    figures: list[ComparedFigureOut]
    code: list[ComparedRowOut]
    # Of versions alone.
    slices: list[ComparedSliceOut]
    curves: list[PlotOut]
    warnings: list[str]


class ChartOut(Schema):
    """A mark for each training; null where none has both values."""

    plot: PlotOut | None
    n: int
    n_without: int
    # An axis with values of 0 or less was to be logarithmic, and is not.
    is_even: bool


class _Seen(NamedTuple):
    """What both kinds of columns have."""

    columns: list[str]
    split: Split
    facts: list[Row]
    parameters: list[Row]
    figures: list[Line]
    code: list[Row]
    slices: list[Part]
    curves: list[Plot]
    warnings: list[str]


class AxesAsked(TrainingsAsked):
    """Which trainings, and what of them against what."""

    y: Text = Field("", description="A figure; holdout.average_precision if none.")
    x: Text = Field("", description="Such as parameter.max_depth, seed, holdout.fpr.")
    by: Text = Field("", description="By what they are told apart: algorithm if none.")
    log: bool = False

    def drawn(self) -> Chart:
        """The chart of what is wanted."""
        axes, filled = ChartForm(self.dict()), RunFilter(self.typed())
        for form in (axes, filled):
            if not form.is_valid():
                raise refusal(form, "query")
        return chart(filled.wanted(), axes.asked())


@of_versions.get("", auth=_versions, response=SideBySideOut)
def compare_versions(
    request: Request, a: Reference, b: Reference, split: Split = "holdout"
) -> _Seen:
    """Two versions as they are, without asking the gate."""
    pair = (serving.find(a), serving.find(b))
    seen = side_by_side(pair, split)
    return _Seen(
        columns=[str(version) for version in pair],
        split=split,
        facts=seen.made_of,
        parameters=seen.parameters,
        figures=seen.figures,
        code=seen.code,
        slices=seen.slices,
        curves=overlaid([(str(one), one) for one in pair], split),
        warnings=seen.warnings,
    )


@of_trainings.get("/compare", auth=_trainings, response=SideBySideOut)
def compare_trainings(
    request: Request,
    training: Annotated[list[Count], Query(min_length=2, max_length=MOST)],
    split: Split = "holdout",
) -> _Seen:
    """Up to six trainings, each named by a `training` of its own."""
    runs = chosen([str(number) for number in training])
    if len(runs) < len(set(training)):
        raise HttpError(404, "Not every one of these trainings is there.")
    seen = compare(runs, split)
    return _Seen(
        columns=[str(run) for run in runs],
        split=split,
        facts=seen.asked,
        parameters=seen.parameters,
        figures=seen.figures,
        code=seen.packages,
        slices=[],
        curves=curves(runs, split),
        warnings=seen.warnings,
    )


@of_trainings.get("/chart", auth=_trainings, response=ChartOut)
def chart_trainings(request: Request, asked: Query[AxesAsked]) -> Chart:
    """A figure of every training that is wanted, against whatever is known of it."""
    return asked.drawn()
