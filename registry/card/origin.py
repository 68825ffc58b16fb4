"""Which run of training a version comes from, and the dataset that it was given."""

from registry.models import Dataset, TrainingRun, Version


def run_of(version: Version) -> TrainingRun | None:
    """The first run that ended as this version; one that was shipped has none."""
    runs = version.training_runs.select_related("dataset", "experiment")
    return runs.order_by("pk").first()


def dataset_of(version: Version) -> Dataset | None:
    """The dataset of the site that it was trained on, by its hash."""
    return Dataset.objects.filter(sha256=version.card["dataset"]["sha256"]).first()
