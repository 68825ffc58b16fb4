"""The page of one dataset: what was counted when it was made, drawn."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from registry.datasets.correlations import METHODS, table
from registry.datasets.histograms import histograms
from registry.datasets.recipe import facts, steps
from registry.datasets.scatter import axes, drawing, scene
from registry.datasets.summary import labels, summary
from registry.models import Build, Dataset, TrainingRun
from registry.training.enough import lacks

# More stand behind a link.
RUNS_SHOWN = 10


class Share(NamedTuple):
    """Rows and pulsars of a part of a dataset, such as a year or a beam."""

    value: str
    rows: int
    pulsars: int

    @property
    def percent(self) -> float:
        return 100 * self.pulsars / self.rows if self.rows else 0.0


class Part(NamedTuple):
    """A column of few values, with the rows of each."""

    name: str
    label: str
    missing: int
    shares: list[Share]


def show(dataset: Dataset, asked: Mapping[str, str]) -> dict[str, Any]:
    """Everything that its page shows."""
    found = summary(dataset)
    return {
        "dataset": dataset,
        "others": dataset.n_rows - dataset.n_pulsars,
        "learned": dataset.n_rows - dataset.n_holdout,
        "learned_pulsars": dataset.n_pulsars - dataset.n_holdout_pulsars,
        "lacks": lacks(dataset),
        "steps": steps(dataset),
        "facts": facts(dataset),
        "rejects_of": _rejecting(dataset),
        "children": dataset.children.order_by("number"),
        "runs": _runs(dataset),
        "n_runs": dataset.runs.count(),
        "summary": found,
        **(_drawn(dataset, found, asked) if found else {}),
    }


def plane(dataset: Dataset, asked: Mapping[str, str]) -> dict[str, Any]:
    """The two columns of the scatter plot alone."""
    found = summary(dataset)
    seen = _plane(found, labels(dataset), asked) if found else {}
    return {"dataset": dataset, "summary": found, **seen}


def _drawn(
    dataset: Dataset, found: Mapping[str, Any], asked: Mapping[str, str]
) -> dict[str, Any]:
    named = labels(dataset)
    return {
        "parts": _parts(found, named),
        "histograms": histograms(found["columns"], named),
        "correlations": table(
            found["correlations"], named, asked.get("correlation", "")
        ),
        "methods": METHODS.items(),
        "difference": found["difference"],
        "shifts": _shifts(found["difference"], named),
        **_plane(found, named, asked),
    }


def _plane(
    found: Mapping[str, Any], named: Mapping[str, str], asked: Mapping[str, str]
) -> dict[str, Any]:
    x, y = axes(found, asked)
    seen = scene(found, named, x, y)
    return {
        "axes": [
            (c["name"], named.get(c["name"], c["name"])) for c in found["columns"]
        ],
        "x": x,
        "y": y,
        "scene": seen,
        "drawing": drawing(seen) if seen else None,
        "figure": seen.figure() if seen else None,
    }


def _parts(found: Mapping[str, Any], named: Mapping[str, str]) -> list[Part]:
    years = {"name": "Year of the pointing", "values": found["years"], "missing": None}
    return [
        Part(
            part["name"],
            named.get(part["name"], part["name"]),
            (part["missing"] or {"rows": 0})["rows"],
            [Share(*share.values()) for share in part["values"]],
        )
        for part in (years, *found["categories"])
        if len(part["values"]) > 1
    ]


def _shifts(
    difference: Mapping[str, Any] | None, named: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Columns that lie otherwise than in the parent, in the page's words."""
    if not difference:
        return []
    return [
        {**shift, "label": named.get(shift["name"], shift["name"])}
        for shift in difference["shifts"]
        if shift["distance"]
    ]


def _rejecting(dataset: Dataset) -> Build | None:
    """The build that made it, where rows were refused."""
    return dataset.builds.filter(n_rejected__gt=0).order_by("pk").first()


def _runs(dataset: Dataset) -> list[TrainingRun]:
    runs = dataset.runs.select_related("experiment", "version__model")
    return list(runs.order_by("-pk")[:RUNS_SHOWN])
