"""Trainings as rows, for the pages that only show them."""

from datetime import UTC, datetime, timedelta

from django.db.models import Max

from monitor.work import ENDED
from registry.models import Dataset, Experiment, TrainingRun, TrainingStep

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def dataset_row(name: str = "HTRU2", **values: object) -> Dataset:
    """A dataset that has no files."""
    number = (Dataset.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    wanted: dict[str, object] = {
        "number": number,
        "source": Dataset.Source.IMPORT,
        "sha256": f"{number:064x}",
        "size": 1000,
        "n_rows": 17898,
        "n_pulsars": 1639,
        "n_holdout": 3522,
        "n_holdout_pulsars": 315,
    }
    return Dataset.objects.create(name=name, **(wanted | values))


def run_row(state: str = "success", **values: object) -> TrainingRun:
    """A training on the newest dataset, in one experiment for all; it took a minute."""
    wanted: dict[str, object] = {
        "dataset": Dataset.objects.order_by("-number").first() or dataset_row(),
        "experiment": Experiment.objects.get_or_create(name="Trainings")[0],
    }
    if state in ENDED:
        wanted |= {"started_at": NOON, "finished_at": NOON + timedelta(minutes=1)}
    if isinstance(name := values.get("experiment"), str):
        values["experiment"] = Experiment.objects.get_or_create(name=name)[0]
    return TrainingRun.objects.create(state=state, **(wanted | values))


def step_row(
    run: TrainingRun, name: str, state: str = "success", **values: object
) -> TrainingStep:
    """A step that took four seconds, if it has ended."""
    wanted: dict[str, object] = {"attempts": 1, "started_at": NOON}
    if state in ENDED:
        wanted["finished_at"] = NOON + timedelta(seconds=4)
    return TrainingStep.objects.create(
        run=run, name=name, state=state, **(wanted | values)
    )
