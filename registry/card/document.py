"""A card as JSON: for programs, and to be kept beside a paper."""

from typing import Any

from registry.card.whole import Card
from registry.models import Version

# Grows when a key goes or changes its meaning; a new key changes nothing.
FORMAT = "pulsarsite-card/1"


def document(card: Card) -> dict[str, Any]:
    """Made of nothing but what JSON knows; it names no person."""
    version = card.version
    return {
        "format": FORMAT,
        "version": _version(version),
        "training": _training(card),
        "card": version.card,
        "evaluation": card.evaluation,
        "features": _features(card),
        "limits": [limit._asdict() for limit in card.limits],
        "missing": card.missing,
        "files": [file._asdict() for file in card.files],
    }


def _version(version: Version) -> dict[str, Any]:
    return {
        "name": str(version),
        "model": version.model.name,
        "number": version.number,
        "sha256": version.sha256,
        "stages": version.stages,
        "registered": version.created_at.isoformat(),
    }


def _training(card: Card) -> dict[str, Any]:
    run, dataset = card.run, card.dataset
    return {
        "run": run and run.pk,
        "experiment": run and run.experiment.name,
        "git_commit": (run and run.git_commit) or None,
        "packages": run.packages if run else {},
        "dataset": dataset
        and {
            "number": dataset.number,
            "name": dataset.name,
            "sha256": dataset.sha256,
        },
    }


def _features(card: Card) -> dict[str, Any]:
    if card.reference is None:
        return {}
    ranges, box = card.reference["ranges"], card.reference["box"]
    return {
        name: {"range": ranges[name], "box": box[name]}
        for name in card.version.card["features"]
    }
