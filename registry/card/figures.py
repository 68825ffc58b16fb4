"""A card's figures of merit, in the order and words in which people read them."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Json = Mapping[str, Any]
Figure = Mapping[str, float | None]


class Metric(NamedTuple):
    """A figure of merit: its name, and what it says."""

    label: str
    meaning: str


METRICS = {
    "recall": Metric("Recall", "share of the pulsars that are called pulsars"),
    "precision": Metric("Precision", "share of pulsars among what is called one"),
    "f1": Metric("F1", "harmonic mean of recall and precision"),
    "specificity": Metric("Specificity", "share of the others that are not called one"),
    "fpr": Metric("False-positive rate", "share of the others that are called one"),
    "g_mean": Metric("G-mean", "geometric mean of recall and specificity"),
    "accuracy": Metric("Accuracy", "share of rows that are called what they are"),
    "roc_auc": Metric("ROC AUC", "chance that a pulsar scores above one of the others"),
    "average_precision": Metric(
        "Average precision",
        "mean precision over the pulsars, from the highest score on",
    ),
    "brier": Metric("Brier score", "mean squared error of the scores; less is better"),
    "recall_at_fpr_0_5": Metric(
        "Recall at FPR 0.5 %", "where 1 of 200 others is called"
    ),
    "recall_at_fpr_1": Metric(
        "Recall at FPR 1 %", "where 1 of 100 others is called one"
    ),
    "recall_at_fpr_5": Metric(
        "Recall at FPR 5 %", "where 1 of 20 others is called one"
    ),
}
_THRESHOLD = Metric("Threshold", "a score that reaches it is called a pulsar")
# What a threshold decides; the others judge the ranking as a whole.
AT_THRESHOLD = (
    "recall",
    "precision",
    "f1",
    "specificity",
    "fpr",
    "g_mean",
    "accuracy",
)
# Which evaluations a card holds, and what each of them asks.
SPLITS = {
    "holdout": Metric("hold-out", "rows that no version was or will be trained on"),
    "stratified": Metric(
        "stratified folds",
        "cross-validated in the training rows, classes in proportion",
    ),
    "grouped": Metric(
        "grouped by pointing", "cross-validated in the training rows, pointings whole"
    ),
    "time": Metric(
        "later year", "within the training rows: the last year by the years before it"
    ),
}


# How the rows of a split stand to training.
_KINDS = {"holdout": "never trained on", "time": "trained on earlier years"}


class Split(NamedTuple):
    """A way in which the version was tested, and on how much."""

    key: str
    label: str
    meaning: str
    report: Json

    @property
    def kind(self) -> str:
        """How its rows stand to those that the version was trained on."""
        return _KINDS.get(self.key, "cross-validated")


class Line(NamedTuple):
    """One figure under every split; a split without it has None."""

    key: str
    label: str
    meaning: str
    values: list[Figure | None]


class Figures(NamedTuple):
    """A table of figures by split, at the shipped threshold and at that for F1."""

    splits: list[Split]
    lines: list[Line]
    at_f1: list[Line]


def figures(card: Json) -> Figures:
    """What a card says of how good its version is."""
    reports = card["metrics"]
    splits = [
        Split(key, *words, reports[key])
        for key, words in SPLITS.items()
        if key in reports
    ]
    return Figures(
        splits,
        list(_lines([split.report for split in splits], tuple(METRICS))),
        list(_lines([split.report.get("at_f1", {}) for split in splits], AT_THRESHOLD)),
    )


def _lines(reports: list[Json], keys: tuple[str, ...]) -> Iterator[Line]:
    for key in ("threshold", *keys):
        values = [report.get(key) for report in reports]
        # An older card has fewer figures; a line of dashes would say nothing.
        if any(values):
            yield Line(key, *METRICS.get(key, _THRESHOLD), values)
