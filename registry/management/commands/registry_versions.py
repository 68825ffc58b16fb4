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
            name: card["metrics"]["holdout"][name]["value"] for name in _FIGURES
        },
        "sha256": version.sha256,
        "page": version.get_absolute_url(),
    }


def _line(version: dict[str, Any]) -> str:
    figures = [f"{name} {version['holdout'][name]:.3f}" for name in _FIGURES[:3]]
    return "  ".join(
        [
            version["version"],
            ", ".join(version["stages"]) or "–",
            version["algorithm"].replace("_", " "),
            version["dataset"],
            ", ".join(figures),
        ]
    )
