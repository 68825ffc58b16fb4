"""The curves of an evaluation, for any drawing: all their axes run from 0 to 1."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from registry.card.figures import SPLITS
from registry.card.numbers import score
from registry.card.trade import Line

Json = Mapping[str, Any]
Place = tuple[float, float]


class Curve(NamedTuple):
    """One line: of which split, its places, and the interval of each if it has one."""

    split: str
    places: list[Place]
    spans: list[tuple[float, float]]

    @property
    def label(self) -> str:
        return SPLITS[self.split].label if self.split in SPLITS else self.split

    @property
    def kind(self) -> str:
        """Of the hold-out, or cross-validated."""
        return "held" if self.split == "holdout" else "folds"


class Chart(NamedTuple):
    """Curves in one pair of axes."""

    name: str
    title: str
    x_label: str
    y_label: str
    curves: list[Curve]
    # Where a model that knows nothing, or one that is perfectly calibrated, would lie.
    diagonal: bool
    # Where the threshold that is looked at lies.
    mark: Place | None
    mark_label: str


class Form(NamedTuple):
    """A kind of curve: its name, and what runs across and upwards, as kept and told."""

    title: str
    x: tuple[str, str]
    y: tuple[str, str]
    diagonal: bool


FORMS = {
    "roc": Form(
        "ROC", ("fpr", "False-positive rate"), ("recall", "Recall"), diagonal=True
    ),
    "precision_recall": Form(
        "Precision and recall",
        ("recall", "Recall"),
        ("precision", "Precision"),
        diagonal=False,
    ),
    "calibration": Form(
        "Calibration",
        ("predicted", "Score"),
        ("observed", "Share of pulsars"),
        diagonal=True,
    ),
}


def charts(evaluation: Json, at: Line | None) -> list[Chart]:
    """Every chart there is, the threshold of this line marked where it can be."""
    return [
        Chart(
            name,
            form.title,
            form.x[1],
            form.y[1],
            list(_curves(evaluation, name, form)),
            form.diagonal,
            _mark(name, at),
            f"threshold {score(at.threshold)}" if at else "",
        )
        for name, form in FORMS.items()
    ]


def _curves(evaluation: Json, name: str, form: Form) -> Iterator[Curve]:
    for split, kinds in evaluation["curves"].items():
        found = kinds.get(name)
        if found and found[form.x[0]]:
            places = list(zip(found[form.x[0]], found[form.y[0]], strict=True))
            ends = zip(found.get("low", ()), found.get("high", ()), strict=True)
            yield Curve(split, places, list(ends))


def _mark(name: str, at: Line | None) -> Place | None:
    if at is None or name == "calibration":
        return None
    across, upwards = FORMS[name].x[0], FORMS[name].y[0]
    return getattr(at, across), getattr(at, upwards)
