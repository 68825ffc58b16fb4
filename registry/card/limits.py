"""What a version is not made for, in plain words."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pulsar_ml import artefact
from pulsar_ml.serving import WIDENED
from registry.card.numbers import count, score, share

Json = Mapping[str, Any]

# The table that nearly every version learns from, known by its counts.
_HTRU2 = {"rows": 17_898, "pulsars": 1_639, "pointings": 5_773}
# In a survey nearly every candidate is none.
_RARE = 10_000
# Columns that astronomers ask for first.
_ASKED_FOR = ("period", "dm", "snr")


class Limit(NamedTuple):
    """One thing to beware of."""

    title: str
    words: str


def limits(card: Json, evaluation: Json | None) -> list[Limit]:
    """Everything that is known to limit the use of a version."""
    return [
        Limit("It ranks, it never deletes", _RANKS),
        Limit("What it has seen", " ".join(_seen(card))),
        Limit("What it has not seen", " ".join(_unseen(card))),
        Limit("The threshold", " ".join(_threshold(card))),
        Limit("Scores are not odds everywhere", " ".join(_scores(card))),
        Limit("How honest the figures are", " ".join(_honesty(card))),
        *_years(card),
        *_parts(evaluation),
    ]


_RANKS = (
    "A low score is no reason to throw a candidate away. Labels are noisy, and the "
    "eight features are known to give some real millisecond pulsars very low scores."
)


def _seen(card: Json) -> Iterator[str]:
    dataset = card["dataset"]
    if card.get(artefact.TRAINED_ON) == artefact.UNKNOWN:
        yield (
            "It was brought from elsewhere, and nobody said which rows it was trained "
            f"on; its ranges are those of {dataset['name']}. What it is judged by may "
            "be what it learned from."
        )
        return
    yield (
        f"It was trained on {count(dataset['trained_rows'])} rows of "
        f"{dataset['name']}, {count(dataset['trained_pulsars'])} of them pulsars."
    )
    if _is_htru2(dataset):
        yield (
            "All are candidates of the HTRU survey at Parkes, observed from 2008 to "
            "2010, their DM curve as HTRU 2 defines it."
        )
    weights = card.get("weights") or {}
    if len(set(weights.values())) > 1:
        named = ", ".join(f"{name} {weight:g}" for name, weight in weights.items())
        yield f"Rows did not weigh the same in training: {named}."
    if barred := card.get("sentinels"):
        yield f"{count(barred)} rows were left out, being of the sentinel set."


def _is_htru2(dataset: Json) -> bool:
    return all(dataset.get(name) == counted for name, counted in _HTRU2.items())


def _unseen(card: Json) -> Iterator[str]:
    yield (
        "Other surveys, telescopes and search programs give other features for the "
        "same pulsar."
    )
    if _is_htru2(card["dataset"]):
        yield (
            "It has seen no PFD file: their DM curve is another, and each is marked "
            "as extrapolation."
        )
    yield (
        "A candidate with a feature beyond the training range widened by "
        f"{share(WIDENED)} of it is marked as extrapolation, one outside the middle "
        "98 % as unusual. The score of either is a guess."
    )


def _threshold(card: Json) -> Iterator[str]:
    yield f"A score of at least {score(card['threshold'])} is called a pulsar."
    yield card["threshold_rule"]
    report = card["metrics"].get("holdout")
    if not report:
        return
    n = report["confusion"]
    pulsars, others = n["tp"] + n["fn"], n["fp"] + n["tn"]
    yield (
        f"In the hold-out it finds {count(n['tp'])} of {count(pulsars)} pulsars, "
        f"misses {count(n['fn'])}, and calls {count(n['fp'])} of {count(others)} "
        "others a pulsar."
    )


def _scores(card: Json) -> Iterator[str]:
    dataset = card["dataset"]
    among = dataset["trained_pulsars"] / max(1, dataset["trained_rows"])
    yield (
        f"A score is a probability only where pulsars are as frequent as in training: "
        f"{share(among)} of the rows."
    )
    report = card["metrics"].get("holdout")
    if report and report["fpr"]["value"] > 0:
        yield (
            f"Where 1 of {count(_RARE)} candidates is a pulsar, about "
            f"{_true_of_1000(report)} of 1{chr(0x202F)}000 that it calls one would be "
            "one; precision on this card does not carry over."
        )


def _true_of_1000(report: Json) -> str:
    found = report["recall"]["value"] / _RARE
    false = report["fpr"]["value"] * (1 - 1 / _RARE)
    return f"{1000 * found / (found + false):.2g}"


def _honesty(card: Json) -> Iterator[str]:
    dataset = card["dataset"]
    yield (
        f"The hold-out, {count(dataset['holdout_rows'])} rows with "
        f"{count(dataset['holdout_pulsars'])} pulsars, was used for nothing but its "
        "own figures: not for training, nor parameters, nor the threshold."
    )
    yield (
        "Every version of this dataset is judged on the same rows; each choice among "
        "versions by these figures makes them a little less honest."
    )
    yield "Cross-validated figures come from the training rows."
    if card.get("search"):
        yield (
            f"The folds of the {card['policy']} split chose the parameters, among "
            f"{count(len(card['search']))} sets, and those of the other splits are of "
            "the same rows: their figures are a little too good, those of the "
            "hold-out are not."
        )
    else:
        yield (
            "They are a little too good where the parameters, or their defaults, were "
            "chosen on the same rows."
        )


def _years(card: Json) -> Iterator[Limit]:
    reports = card["metrics"]
    if not {"time", "grouped"} <= reports.keys():
        return
    later, mixed = (reports[k]["precision"]["value"] for k in ("time", "grouped"))
    found = reports["time"]["recall"]["value"]
    yield Limit(
        "Years drift",
        f"Trained on the years before and tested on the last one, it finds "
        f"{share(found)} of the pulsars at a precision of {share(later)}; with years "
        f"mixed the precision is {share(mixed)}.",
    )


def _parts(evaluation: Json | None) -> Iterator[Limit]:
    if evaluation is None:
        return
    parts = evaluation["slices"]
    few = sum(not each["enough"] for each in parts)
    absent = [name for name in _ASKED_FOR if name not in {p["column"] for p in parts}]
    words = []
    if few:
        slices = "slice has" if few == 1 else "slices have"
        words.append(f"{count(few)} {slices} too few rows to say anything about.")
    if absent:
        words.append(
            f"Nothing is known of how it does by {_listed(absent)}: the dataset does "
            "not have them."
        )
    if words:
        yield Limit("Parts nobody can judge", " ".join(words))


_WORDS = {"period": "period", "dm": "DM", "snr": "S/N"}


def _listed(names: list[str]) -> str:
    *first, last = [_WORDS[name] for name in names]
    return f"{', '.join(first)} or {last}" if first else last
