"""A training as its worker would have left it; one for real takes minutes."""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from django.utils.timezone import now

from pulsar_ml.training.steps import STEPS
from registry.models import Dataset, TrainingRun, Version
from registry.tests.evaluated import evaluated
from registry.tests.run_rows import run_row, step_row
from registry.training.figures import chosen, figures

_TOOK = timedelta(minutes=3)


def trained(dataset: Dataset) -> TrainingRun:
    """A run that made a version: the shipped champion once more."""
    with TemporaryDirectory() as folder:
        version = evaluated(Path(folder))
    run = run_row(
        dataset=dataset,
        version=version,
        champion=Version.objects.get(number=2),
        chosen=chosen(version.card),
        started_at=now() - _TOOK,
        finished_at=now(),
        packages={"scikit-learn": "1.7.2"},
        git_commit="c0ffee" * 6 + "beef",
        notes="To try it out.",
        tags=["first"],
    )
    run.metrics = figures(run, version.card)
    run.save()
    for step in STEPS:
        step_row(run, step.name, outputs=[])
    run.steps.filter(name="register").update(outputs=[_left(run, version)])
    return run


def _left(run: TrainingRun, version: Version) -> dict[str, object]:
    """The card that its last step has left."""
    name = "artefact/card.json"
    content = (version.folder / "card.json").read_bytes()
    path = run.folder / name
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    hashed = sha256(content).hexdigest()
    return {"name": name, "size": len(content), "sha256": hashed}
