"""`manage.py registry_versions`: every version, its stage and its figures."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from registry.models import Version

_FIGURES = ("recall", "precision", "f1", "fpr", "average_precision")


class Command(BaseCommand):
    help = "List the versions of every model, the latest of each on top."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON list")

    def handle(self, **options: Any) -> None:
        found = Version.objects.newest_first().prefetch_related("training_runs")
        told = [_about(version) for version in found]
        if options["json"]:
            self.stdout.write(json.dumps(told))
            return
        for version in told:
            self.stdout.write(_line(version))


def _about(version: Version) -> dict[str, Any]:
    card = version.card
    # A foreign model may have none, and one that was put aside has none for sure.
    holdout = card["metrics"].get("holdout", {})
    runs = sorted(run.pk for run in version.training_runs.all())
    return {
        "version": str(version),
        "stages": version.stages,
        "algorithm": card["algorithm"],
        "dataset": card["dataset"]["name"],
        "trainings": runs,
        "created": version.created_at.isoformat(),
        "threshold": card["threshold"],
        "holdout": {
            name: holdout[name]["value"] for name in _FIGURES if name in holdout
        },
        "registration": version.registration,
        "reason": version.reason,
        "source": version.source,
        "damaged": version.damaged_at.isoformat() if version.damaged_at else None,
        "sha256": version.sha256,
        "page": version.get_absolute_url(),
    }


def _line(version: dict[str, Any]) -> str:
    holdout = version["holdout"]
    figures = [
        f"{name} {holdout[name]:.3f}" for name in _FIGURES[:3] if name in holdout
    ]
    return "  ".join(
        [
            version["version"],
            ", ".join([*version["stages"], *_trouble(version)]) or "–",
            version["algorithm"].replace("_", " "),
            version["dataset"],
            ", ".join(figures) or "no figures",
        ]
    )


def _trouble(version: dict[str, Any]) -> list[str]:
    """Why it may not answer, or could not."""
    found = []
    if version["registration"] != Version.Registration.READY:
        found.append("quarantined")
    if version["damaged"]:
        found.append("damaged")
    return found
