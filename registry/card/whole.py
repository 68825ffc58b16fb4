"""A card as a whole: everything that a page, JSON or Markdown says of a version."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from pulsar_ml.errors import PulsarError
from registry.card import origin
from registry.card.beside import Beside, beside
from registry.card.figures import Figures, figures
from registry.card.importance import Weight, importance
from registry.card.limits import Limit, limits
from registry.card.missed import Missed, missed
from registry.card.read import File, Kept, read
from registry.card.slices import Slices, slices
from registry.card.trade import Trade, trade
from registry.models import Dataset, TrainingRun, Version

Json = Mapping[str, Any]
_Part = TypeVar("_Part")


class Card(NamedTuple):
    """What is said of a version; parts that its artefact does not keep are None."""

    version: Version
    run: TrainingRun | None
    dataset: Dataset | None
    figures: Figures
    limits: list[Limit]
    # What is not there, and why.
    missing: list[str]
    evaluation: Json | None
    reference: Json | None
    files: list[File]
    trade: Trade | None
    slices: Slices | None
    missed: list[Missed] | None
    importance: list[Weight] | None
    beside: Beside | None


def whole(version: Version, threshold: float | None = None) -> Card:
    """Put a card together, looking at another threshold if one is given."""
    if version.registration == Version.Registration.QUARANTINED:
        return _put_aside(version)
    kept, trouble = _kept(version)
    found = kept.evaluation if kept else None
    card = version.card
    return Card(
        version=version,
        run=origin.run_of(version),
        dataset=origin.dataset_of(version),
        figures=figures(card),
        limits=limits(card, found),
        missing=[trouble] if trouble else _missing(card, found),
        evaluation=found,
        reference=kept.reference if kept else None,
        files=kept.files if kept else [],
        trade=_of(found, lambda kept: trade(kept, card["threshold"], threshold)),
        slices=_of(found, slices),
        missed=_of(found, missed),
        importance=_of(found, importance),
        beside=_of(found, lambda kept: beside(card, kept)),
    )


def _put_aside(version: Version) -> Card:
    """Of a quarantined version nothing is known, and its file is not looked at."""
    return Card(
        version=version,
        run=None,
        dataset=None,
        figures=figures(version.card),
        limits=[],
        missing=[],
        evaluation=None,
        reference=None,
        files=[],
        trade=None,
        slices=None,
        missed=None,
        importance=None,
        beside=None,
    )


def _of(found: Json | None, part: Callable[[Json], _Part]) -> _Part | None:
    return None if found is None else part(found)


def _kept(version: Version) -> tuple[Kept | None, str]:
    """What the artefact holds, or why it cannot be believed."""
    try:
        return read(version), ""
    except PulsarError as error:
        return None, f"The artefact of this version cannot be read: {error}"


def _missing(card: Json, evaluation: Json | None) -> list[str]:
    words = []
    if evaluation is None:
        words.append(
            "Curves, slices, missed pulsars, importance, the trade of thresholds and "
            "what others reach were not kept when this version was made; one that is "
            "trained now has them."
        )
    holdout = card["metrics"].get("holdout", {})
    if "recall_at_fpr_1" not in holdout:
        words.append("Recall at fixed false-positive rates was not measured.")
    return words
