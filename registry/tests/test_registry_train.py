"""`manage.py registry_train`: by a worker, waited for, or in its own process."""

import json
import os
import signal
import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from conftest import eventually
from monitor.work import State
from registry.models import TrainingRun
from registry.tests.made import dataset
from registry.training.ask import ask
from registry.training.line import take_place
from registry.training.work import work

pytestmark = pytest.mark.django_db

SPOILT = "The rows of simulated.csv are not those that were stored."


@pytest.fixture
def data():
    """A dataset whose file was meddled with, so that each training ends at once."""
    made = dataset()
    (made.folder / "rows.parquet").write_bytes(b"other rows")
    return made


@pytest.fixture
def train(data, capsys):
    """Run the command; its exit code and what it says."""

    def call(*arguments: str) -> tuple[int, str, str]:
        code = 0
        try:
            call_command("registry_train", "--dataset", str(data.number), *arguments)
        except SystemExit as end:
            code = end.code
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_it_hands_the_training_to_a_worker(train, mailbox):
    code, said, _ = train(
        *("--algorithm", "gradient_boosting", "--policy", "time", "--seed", "4"),
        *("--set", "max_iter=50", "--try", "learning_rate=0.03,0.1"),
        *("--recall", "0.9", "--experiment", "Boosting"),
        *("--tag", "one", "--tag", "two", "--notes", "tried by hand"),
    )

    run = TrainingRun.objects.get()
    assert (code, said) == (0, f"{run}: queued\n")
    assert mailbox() == [(run.pk, "heavy")]
    assert (run.algorithm, run.policy, run.seed) == ("gradient_boosting", "time", 4)
    assert (run.parameters, run.search, run.recall) == (
        {"max_iter": 50},
        {"learning_rate": [0.03, 0.1]},
        0.9,
    )
    assert (run.experiment.name, run.tags, run.notes, run.source) == (
        "Boosting",
        ["one", "two"],
        "tried by hand",
        "command",
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--set", "max_iter"], "Write NAME=VALUE, not 'max_iter'."),
        (
            ["--set", "max_features=9"],
            "max_features is a whole number from 1 to 8, not 9.",
        ),
        (
            ["--algorithm", "oracle", "--set", "depth=3"],
            (
                "There is no algorithm 'oracle', but random_forest, gradient_boosting, "
                "logistic_regression."
            ),
        ),
    ],
)
def test_what_it_cannot_use_is_said(train, arguments, words):
    with pytest.raises(CommandError) as refused:
        train(*arguments)

    assert (str(refused.value), TrainingRun.objects.count()) == (words, 0)


def test_a_dataset_that_is_not_there_is_said():
    with pytest.raises(CommandError, match=r"There is no dataset 7\."):
        call_command("registry_train", "--dataset", "7")


@pytest.mark.slow
def test_here_it_works_itself_and_tells_programs_all(train, data, mailbox):
    code, said, _ = train("--here", "--json")

    run, told = TrainingRun.objects.get(), json.loads(said)
    assert told.pop("seconds") > 0
    assert (code, told) == (
        1,
        {
            "training": run.pk,
            "page": f"/registry/training/{run.pk}/",
            "state": "failed",
            "reason": SPOILT,
            "experiment": "Trainings",
            "dataset": data.number,
            "algorithm": "random_forest",
            "policy": "grouped",
            "seed": 0,
            "parameters": {},
            "tags": [],
            "version": None,
            "sha256": None,
            "metrics": {},
        },
    )
    assert mailbox() == []


def test_here_it_stands_in_the_line_until_it_is_told_to_end(train, data, mailbox):
    first = ask(dataset=data, at_once=False)
    assert take_place(first)
    threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGTERM]).start()
    code, said, _ = train("--here")

    run = TrainingRun.objects.latest("pk")
    assert (code, said, run.state) == (0, f"{run}: queued\n", State.QUEUED)
    # A worker goes on with it.
    assert mailbox() == [(run.pk, "heavy")]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_it_waits_for_the_worker_and_tells_what_is_at_work(train):
    connections.close_all()
    pid = os.fork()
    if not pid:
        try:
            work(eventually(TrainingRun.objects.first))
        finally:
            os._exit(0)
    code, said, told = train("--wait")
    os.waitpid(pid, 0)

    run = TrainingRun.objects.get()
    assert (code, said) == (1, f"{run}: failed: {SPOILT}\n")
    assert told.splitlines()[0] in ("queued", "load of the rehearsal")
