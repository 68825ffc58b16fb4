"""What a training leaves goes when nobody needs it; its row and artefacts stay."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils.timezone import now

from monitor.work import State
from registry.models import TrainingRun, TrainingStep
from registry.tests.made import dataset
from registry.training import files
from registry.training.ask import ask

pytestmark = pytest.mark.django_db


@pytest.fixture
def run_in():
    """Make a training in a state, with files: run_in(State.FAILED, days=100)."""
    data = dataset()

    def make(state: State, days: int = 0) -> TrainingRun:
        run = ask(dataset=data, at_once=False)
        run.state, run.finished_at = state, now() - timedelta(days=days)
        run.save(update_fields=["state", "finished_at"])
        left = ("model.onnx", "rows.parquet", "rehearsal/load.json", ".writing-1")
        for name in (*left, "log.txt", "plan.json", "artefact/card.json"):
            path = run.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"0123456789")
        outputs = ["model.onnx", "rows.parquet", "artefact/card.json"]
        TrainingStep.objects.create(
            run=run,
            name="fit",
            outputs=[{"name": n, "size": 10, "sha256": "ab"} for n in outputs],
        )
        TrainingStep.objects.create(
            run=run,
            name="load",
            rehearsal=True,
            outputs=[{"name": "load.json", "size": 10, "sha256": "ab"}],
        )
        return run

    return make


def there(folder: Path) -> set[str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix() for path in found}


def test_what_a_killed_worker_left_of_a_success_goes_and_the_rest_stays(run_in, capsys):
    run = run_in(State.SUCCESS, days=1000)
    for _ in range(2):
        call_command("prune_trainings")

    assert there(run.folder) == {
        "model.onnx",
        "log.txt",
        "plan.json",
        "artefact/card.json",
    }
    assert capsys.readouterr().out.splitlines() == [
        "trainings tidied: 1, 30 bytes",
        "trainings tidied: 0, 0 bytes",
    ]


def test_files_of_failures_go_with_the_logs_and_those_of_others_stay(run_in, capsys):
    old = [run_in(state, days=91) for state in (State.FAILED, State.CANCELLED)]
    rest = [run_in(State.FAILED, days=89), run_in(State.RUNNING, days=91)]
    stranger = old[0].folder.with_name("notes")
    stranger.mkdir()
    nobodys = old[0].folder.with_name("999")
    nobodys.mkdir()
    call_command("prune_trainings")

    assert [run.folder.exists() for run in old] == [False, False]
    assert [len(there(run.folder)) for run in rest] == [7, 7]
    assert (stranger.exists(), nobodys.exists()) == (True, True)
    assert capsys.readouterr().out == "trainings tidied: 2, 140 bytes\n"
    assert TrainingRun.objects.count() == 4


def test_only_files_that_a_step_left_are_given_out(run_in):
    run = run_in(State.SUCCESS)
    files.tidy(run)

    names = [file["name"] for file in files.kept(run)]
    assert names == ["model.onnx", "artefact/card.json"]
    assert files.path(run, "artefact/card.json") == run.folder / "artefact/card.json"
    refused = ("rows.parquet", "log.txt", "../1/model.onnx", "load.json", "/etc/passwd")
    assert [files.path(run, name) for name in refused] == [None] * len(refused)
