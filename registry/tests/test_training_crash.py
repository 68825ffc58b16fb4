"""A training cut off at any step, time after time, ends like one left in peace."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.utils.timezone import now

from conftest import eventually
from monitor.models import Outbox
from monitor.sweep import sweep
from monitor.work import State
from pulsar_ml import artefact
from pulsar_ml.tests import simulated
from pulsar_ml.training import plan as plans
from pulsar_ml.training.steps import STEPS
from registry.models import TrainingRun, Version
from registry.tests.killed import CRASHED, killed_at
from registry.tests.made import dataset
from registry.training.ask import ask
from registry.training.end import mend
from registry.training.work import work

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

POINTS = [
    "train.claimed",
    "rehearse.fit.begun",
    "rehearse.register.done",
    *(f"train.{step.name}.{when}" for step in STEPS for when in ("begun", "done")),
    "train.registered",
]
# One without a baseline beside it, on few rows and in two folds: the quickest there is.
ROWS = 1200
ASKED = {"algorithm": "logistic_regression", "policy": "stratified"}


@pytest.fixture(scope="module")
def both(django_db_setup, django_db_blocker, tmp_path_factory):
    """The same training twice: in peace, and by workers that die at each point."""
    before, write = settings.PULSAR, plans.write

    def write_quick(folder: Path, plan: plans.Plan) -> None:
        write(folder, replace(plan, folds=2))

    settings.PULSAR = _patient(before, tmp_path_factory.mktemp("training"))
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(plans, "write", write_quick)
        try:
            data = dataset(simulated.table(ROWS))
            smooth = ask(dataset=data, at_once=False, **ASKED)
            work(smooth)
            cut = ask(dataset=data, at_once=False, **ASKED)
            ends = {point: _until(point, cut) for point in POINTS}
            work(cut)
            smooth.refresh_from_db()
            cut.refresh_from_db()
            yield smooth, cut, ends, settings.PULSAR.storage.root
        finally:
            for alias in connections:
                call_command("flush", interactive=False, verbosity=0, database=alias)
            settings.PULSAR = before


@pytest.fixture(autouse=True)
def same_storage(both, storage, settings) -> None:
    """What the trainings have left is there for every test to look at."""
    settings.PULSAR = _patient(settings.PULSAR, both[3])


def _patient(before, root):
    """With this storage, and for more dead workers than there are points."""
    storage = before.storage.model_copy(update={"root": root})
    scheduler = before.scheduler.model_copy(update={"max_attempts": len(POINTS) + 1})
    return before.model_copy(update={"storage": storage, "scheduler": scheduler})


def _until(point: str, run: TrainingRun) -> tuple[int, bool]:
    """How a worker ended that dies there, and whether the sweep freed its run."""
    code = killed_at(point, work, TrainingRun.objects.get(pk=run.pk))
    # The step at work dies with its worker.
    eventually(lambda: not _at_work(run))
    late = now() - timedelta(seconds=1)
    TrainingRun.objects.filter(pk=run.pk).update(lease_until=late)
    freed = sweep(TrainingRun)
    mend()
    return code, freed == [run]


def _at_work(run: TrainingRun) -> list[psutil.Process]:
    found = psutil.process_iter(["cmdline"])
    return [p for p in found if str(run.folder) in (p.info["cmdline"] or ["", ""])[-1]]


def test_each_worker_died_where_it_was_to_and_its_run_was_freed(both):
    assert both[2] == dict.fromkeys(POINTS, (CRASHED, True))


def test_it_ends_with_the_numbers_of_one_that_nobody_disturbed(both):
    smooth, cut, *_ = both

    def numbers(run: TrainingRun) -> dict[str, float]:
        return {k: v for k, v in run.metrics.items() if k != "seconds"}

    assert (smooth.state, cut.state) == (State.SUCCESS, State.SUCCESS)
    assert numbers(cut) == numbers(smooth)
    assert cut.metrics["holdout.recall"] > 0.5
    assert cut.chosen == smooth.chosen == {"C": 0.3}


def test_its_artefact_is_the_same_but_for_the_time_on_its_card(both):
    smooth, cut, *_ = both
    ours, theirs = (artefact.read(run.version.folder)[0] for run in (cut, smooth))
    cards = [run.version.card.copy() for run in (cut, smooth)]
    assert [card.pop("created") for card in cards] == [
        run.started_at.isoformat(timespec="seconds") for run in (cut, smooth)
    ]
    assert cards[0] == cards[1]
    assert ours.pop("card.json") != theirs.pop("card.json")
    assert ours == theirs


def test_each_training_makes_one_version(both):
    smooth, cut, *_ = both

    assert list(Version.objects.order_by("number")) == [smooth.version, cut.version]


def test_each_step_was_begun_once_more_than_in_peace_and_left_the_same(both):
    smooth, cut, *_ = both

    def steps(run: TrainingRun) -> list[tuple]:
        found = run.steps.order_by("rehearsal", "pk")
        return [(s.rehearsal, s.name, s.state, s.attempts) for s in found]

    each = [(kind, step.name) for kind in (False, True) for step in STEPS]
    assert steps(smooth) == [(*step, "success", 1) for step in each]
    # Cut off when it was done, it was not begun again.
    twice = {(False, step.name) for step in STEPS} | {(True, "fit")}
    assert steps(cut) == [(*step, "success", 1 + (step in twice)) for step in each]

    def left(run: TrainingRun) -> dict[str, str]:
        found = run.steps.filter(rehearsal=False).exclude(name="register")
        return {file["name"]: file["sha256"] for s in found for file in s.outputs}

    assert left(cut) == left(smooth)
    assert "model.onnx" in left(cut)


def test_what_happened_is_told_once(both):
    smooth, cut, *_ = both

    def told(run: TrainingRun) -> list[str]:
        events = Outbox.objects.filter(about__in=[str(run), str(run.version)])
        return list(events.order_by("pk").values_list("kind", flat=True))

    peace = [
        "training.requested",
        "training.started",
        "training.rehearsed",
        "version.created",
        "training.succeeded",
    ]
    assert told(smooth) == peace
    assert [kind for kind in told(cut) if kind != "training.resumed"] == peace
    assert told(cut).count("training.resumed") == len(POINTS)


def test_what_is_kept_are_the_files_of_its_steps_and_its_log(both):
    smooth, cut, *_ = both

    def there(run: TrainingRun) -> set[str]:
        found = (path for path in run.folder.rglob("*") if path.is_file())
        return {path.relative_to(run.folder).as_posix() for path in found}

    steps = smooth.steps.filter(rehearsal=False)
    listed = {file["name"] for step in steps for file in step.outputs}
    stamps = {f"{step.name}.done.json" for step in STEPS}
    assert there(cut) == there(smooth)
    assert there(smooth) == (
        listed - {"rows.parquet"} | stamps | {"plan.json", "timings.json", "log.txt"}
    )
    assert "rows.parquet" in listed
