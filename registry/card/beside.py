"""What a version's figures stand beside: others' on the same kind of rows."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from registry.card.figures import METRICS, SPLITS, Figure
from registry.card.numbers import count

Json = Mapping[str, Any]

COLUMNS = (
    "recall",
    "precision",
    "fpr",
    "g_mean",
    "f1",
    "accuracy",
    "average_precision",
    "roc_auc",
    "brier",
)
LABELS = [METRICS[name].label for name in COLUMNS]


class Other(NamedTuple):
    """A line of the table: who, on what, and its figures in the order of `COLUMNS`."""

    name: str
    on: str
    values: list[Figure | None]
    # Whether it is the version that the card is about.
    ours: bool = False


class Champion(NamedTuple):
    """The version in production when this one was made."""

    name: str
    why: str


class Beside(NamedTuple):
    """This version, all others, and what is to be said of the champion."""

    lines: list[Other]
    champion: Champion | None


def beside(card: Json, evaluation: Json) -> Beside:
    """Everything there is to compare with."""
    found = evaluation["beside"]
    champion = found.get("champion")
    return Beside(
        [
            *_ours(card),
            *_baseline(found.get("baseline")),
            *_folds(card, found.get("baseline_folds") or {}),
            *_champion(champion),
            *_published(found["published"]),
        ],
        Champion(champion["name"], champion.get("why", "")) if champion else None,
    )


def _ours(card: Json) -> Iterator[Other]:
    report = card["metrics"].get("holdout")
    if report:
        yield Other("this version", _on(report), _values(report), ours=True)
        yield Other(
            "this version, at its threshold for F1",
            _on(report),
            _values(report["at_f1"]),
            ours=True,
        )


def _baseline(report: Json | None) -> Iterator[Other]:
    if report:
        yield Other("logistic regression", _on(report), _values(report))


def _folds(card: Json, baseline: Json) -> Iterator[Other]:
    """Both under the split policy by which the parameters were chosen."""
    policy = card.get("policy", "")
    if policy in baseline and policy in card["metrics"]:
        report = card["metrics"][policy]
        on = f"cross-validated, {SPLITS[policy].label}, {count(report['rows'])} rows"
        yield Other("this version", on, _values(report), ours=True)
        yield Other("logistic regression", on, _values(baseline[policy]))


def _champion(found: Json | None) -> Iterator[Other]:
    if found and found["report"]:
        name = f"{found['name']}, the champion"
        on = f"{count(found['rows'])} rows that neither was trained on"
        yield Other(name, on, _values(found["report"]))
        yield Other("this version", "the same rows", _values(found["ours"]), ours=True)


def _published(published: list[Json]) -> Iterator[Other]:
    for each in published:
        values: list[Figure | None] = [
            None if each.get(name) is None else {"value": each[name]}
            for name in COLUMNS
        ]
        yield Other(each["name"], each["source"], values)


def _on(report: Json) -> str:
    return f"the hold-out, {count(report['rows'])} rows"


def _values(report: Json) -> list[Figure | None]:
    return [report.get(name) for name in COLUMNS]
