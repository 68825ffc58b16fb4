"""A training by steps: each done once for the same inputs, whatever ends it between."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from conftest import eventually
from pulsar_ml import artefact
from pulsar_ml.datasets import holdout
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.errors import BadInput, PulsarError
from pulsar_ml.evaluation import importance
from pulsar_ml.serving import Scorer
from pulsar_ml.tests import simulated
from pulsar_ml.tests.trainings import CREATED, lay, quiet
from pulsar_ml.training import folder as files
from pulsar_ml.training import plan as plans
from pulsar_ml.training import rows, search, steps

pytestmark = pytest.mark.slow

TABLE = simulated.table(1500)
# Pulsars that could be trained on, and one that could not.
SENTINELS = [
    *TABLE.hashes[(TABLE.labels == 1) & ~TABLE.holdout][:5],
    TABLE.hashes[(TABLE.labels == 1) & TABLE.holdout][0],
]
SEARCH = {"min_samples_leaf": [5, 50]}


def whole(folder: Path, table: Labelled = TABLE, **asked) -> Path:
    laid = lay(folder, table, sentinels=SENTINELS, search=SEARCH, **asked)
    steps.run_all(laid, quiet)
    return laid


def left(folder: Path) -> dict[str, bytes]:
    """What every step vouches for."""
    listed = [
        one["name"] for step in steps.STEPS for one in steps.outputs(folder, step)
    ]
    return {name: (folder / name).read_bytes() for name in listed}


def run(*arguments: object, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, timeout=300, **options
    )


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "pulsar_ml.training", *map(str, arguments)]


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> Path:
    """A training at its end; who changes anything copies it first."""
    return whole(tmp_path_factory.mktemp("done"))


@pytest.fixture
def copy(done, tmp_path) -> Path:
    return Path(shutil.copytree(done, tmp_path / "training"))


def test_every_step_is_done_and_vouches_for_what_it_left(done):
    assert [step.name for step in steps.STEPS if steps.is_done(done, step)] == [
        "load",
        "split",
        "fit",
        "threshold",
        "evaluate",
        "slice",
        "explain",
        "register",
    ]
    vouched = [one for step in steps.STEPS for one in steps.outputs(done, step)]
    there = {
        path.relative_to(done).as_posix(): path.stat().st_size
        for path in done.rglob("*")
        if path.is_file()
        and not path.name.endswith(".done.json")
        and path.name not in {"plan.json", "timings.json"}
    }
    assert {one["name"]: one["size"] for one in vouched} == there
    files, _ = artefact.read(done / "artefact")
    card = json.loads(files[artefact.CARD])
    assert (card["created"], card["sentinels"]) == (CREATED, 6)
    assert artefact.EVALUATION in files


def test_no_row_that_is_set_aside_is_in_the_list_of_training_rows(done):
    trained = artefact.hashes((done / "artefact" / artefact.TRAINING).read_bytes())
    aside = set(TABLE.hashes[TABLE.holdout]) | set(SENTINELS)
    assert trained == set(TABLE.hashes) - aside


def test_what_is_set_aside_has_no_say_in_what_is_learned(done, tmp_path):
    """Everything about hold-out and sentinel rows is changed, but which they are."""
    aside = TABLE.holdout | np.isin(TABLE.hashes, SENTINELS)
    rng = np.random.default_rng(0)
    features = np.where(aside[:, None], rng.normal(60, 30, (1500, 8)), TABLE.features)
    labels = np.where(aside, 1 - TABLE.labels, TABLE.labels).astype(np.int8)
    weights = np.where(aside, 1000.0, 1.0)
    # Enough of both classes are left in the hold-out.
    labels[np.flatnonzero(TABLE.holdout)[::3]] = 0
    poisoned = replace(TABLE, features=features, labels=labels, weights=weights)
    ours, theirs = left(done), left(whole(tmp_path, poisoned))
    same = {name for name, content in ours.items() if theirs[name] == content}
    assert same == {
        "fit.json",
        "model.onnx",
        "baseline.onnx",
        "folds.npz",
        "out_of_fold.npz",
        "threshold.json",
        "reference.json",
        "artefact/model.onnx",
        "artefact/reference.json",
        "artefact/training.txt.gz",
        "artefact/holdout.txt.gz",
        # Which rows are set aside, and not what they are.
        "split.npz",
    }
    cards = [json.loads(one["artefact/card.json"]) for one in (ours, theirs)]
    assert [card["weights"] for card in cards] == [{"pulsars": 1, "others": 1}] * 2
    judged = [json.loads(one["evaluate.json"])["metrics"] for one in (ours, theirs)]
    assert judged[0]["grouped"] == judged[1]["grouped"]
    assert judged[0]["holdout"] != judged[1]["holdout"]


def test_the_folds_of_the_chosen_split_choose_the_parameters(done):
    plan, table = plans.read(done), holdout.trainable(rows.marked(done))
    cuts = rows.folds(done)[plan.policy]
    judged = [
        search.judge(plan, each, table, cuts, str) for each in search.candidates(plan)
    ]
    fit = files.read_json(done / "fit.json")
    assert fit["search"] == judged
    assert judged[0]["average_precision"] != judged[1]["average_precision"]
    assert search.best(judged).items() <= fit["parameters"].items()


@pytest.mark.parametrize(
    "name", [step.name for step in steps.STEPS if step.name != "fit"]
)
def test_a_step_that_is_done_again_over_what_a_kill_left_gives_the_same(
    done, copy, name
):
    step = steps.BY_NAME[name]
    (copy / f"{name}.done.json").unlink()
    for output in step.outputs:
        if (copy / output).is_dir():
            (copy / output / artefact.CARD).unlink()
        else:
            (copy / output).write_bytes(b"half")
    assert not steps.is_done(copy, step)
    step.run(copy, quiet)
    assert steps.is_done(copy, step)
    assert left(copy) == left(done)


def test_a_fit_that_is_killed_is_done_again_with_the_same_result(done, copy):
    """Whatever the threads; and a process of its own each time."""
    fit = steps.BY_NAME["fit"]
    plans.write(copy, replace(plans.read(copy), threads=2))
    (copy / "fit.done.json").unlink()
    with subprocess.Popen(
        command("fit", copy),
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout
        lines = [json.loads(process.stdout.readline()) for _ in range(3)]
        process.send_signal(signal.SIGKILL)
    assert [line["done"] for line in lines] == [0, 1, 2]
    assert lines[0]["words"] == (
        "random_forest: trying n_estimators 10, min_samples_leaf 5"
    )
    assert not steps.is_done(copy, fit)
    again = run("fit", copy)
    assert (again.returncode, again.stderr) == (0, "")
    assert steps.is_done(copy, fit)
    assert left(copy) == left(done)
    # Two sets in two folds; two models in two, two and one, fitted and converted.
    assert json.loads(again.stdout.splitlines()[-1])["of"] == 2 * 2 + 2 * (5 + 2)
    assert run("fit", copy).stdout == ""


@pytest.mark.parametrize(
    ("changed", "still"),
    [
        ("rows.parquet", ["split", "fit"]),
        ("out_of_fold.npz", ["load", "split", "threshold"]),
        ("artefact/card.json", ["load", "split", "fit", "explain"]),
    ],
)
def test_a_step_whose_outputs_are_not_what_they_were_is_not_done(copy, changed, still):
    with (copy / changed).open("ab") as file:
        file.write(b" ")
    undone = {
        "rows.parquet": "load",
        "out_of_fold.npz": "fit",
        "artefact/card.json": "register",
    }[changed]
    assert not steps.is_done(copy, steps.BY_NAME[undone])
    assert all(steps.is_done(copy, steps.BY_NAME[name]) for name in still)


def test_with_another_plan_nothing_is_done_but_threads_are_no_other_plan(copy):
    plan = plans.read(copy)
    plans.write(copy, replace(plan, threads=7))
    assert all(steps.is_done(copy, step) for step in steps.STEPS)
    plans.write(copy, replace(plan, seed=7))
    assert not any(steps.is_done(copy, step) for step in steps.STEPS)


def test_a_plan_is_read_as_it_was_written(tmp_path):
    plan = plans.Plan(
        created=CREATED,
        dataset=plans.Dataset("a.parquet", "0" * 64, "a", 3, htru2=True),
        search={"C": [0.1, 1.0]},
        sentinels=["1" * 64],
        champion=plans.Champion("pulsar/2", "some/where", "2" * 64),
        rehearsal=200,
    )
    plans.write(tmp_path / "new", plan)
    assert plans.read(tmp_path / "new") == plan
    assert (plan.parts, replace(plan, rehearsal=None).parts) == (2, 5)


def test_no_step_is_done_before_those_before_it(tmp_path):
    laid = lay(tmp_path, TABLE)
    with pytest.raises(PulsarError, match="fit comes after load"):
        steps.BY_NAME["fit"].run(laid, quiet)


def test_rows_that_are_not_those_of_the_plan_are_refused_in_words(tmp_path):
    laid = lay(tmp_path, TABLE)
    rows = Path(plans.read(laid).dataset.path)
    rows.write_bytes(rows.read_bytes() + b" ")
    done = run("load", laid)
    assert (done.returncode, done.stderr) == (2, "")
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"done": 0, "of": 1, "words": "reading the dataset"},
        {"refused": "The rows of simulated.csv are not those that were stored."},
    ]
    assert not steps.is_done(laid, steps.BY_NAME["load"])


def test_a_step_ends_with_whoever_holds_its_standard_input(tmp_path):
    laid = lay(tmp_path, TABLE)
    for step in steps.STEPS[:2]:
        step.run(laid, quiet)
    with subprocess.Popen(
        command("fit", laid), stdout=subprocess.PIPE, stdin=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdin
        assert process.stdout.readline()
        process.stdin.close()
        assert process.wait(timeout=60) == 1
    assert not steps.is_done(laid, steps.BY_NAME["fit"])


def test_two_processes_are_never_at_work_in_one_folder(tmp_path):
    laid = lay(tmp_path / "taken", TABLE)
    folder = os.open(laid, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    with subprocess.Popen(command("load", laid), stdin=subprocess.DEVNULL) as step:
        eventually(lambda: ["->", "FLOCK", str(step.pid)] in waiting())
        assert not (laid / "load.json").exists()
        os.close(folder)
        assert step.wait(60) == 0
    assert steps.is_done(laid, steps.BY_NAME["load"])


def waiting() -> list[list[str]]:
    """Who waits for a lock: the mark, the kind and the process of each line."""
    lines = Path("/proc/locks").read_text().splitlines()
    return [[words[1], words[2], words[5]] for words in map(str.split, lines)]


def test_a_policy_that_the_rows_do_not_allow_is_refused(tmp_path):
    years = np.array(["2009" + pointing[4:] for pointing in TABLE.pointings])
    laid = lay(tmp_path, replace(TABLE, pointings=years), policy="time")
    steps.BY_NAME["load"].run(laid, quiet)
    with pytest.raises(BadInput, match="cannot be split by time: Needs rows of two"):
        steps.BY_NAME["split"].run(laid, quiet)
    plans.write(laid, replace(plans.read(laid), policy="grouped"))
    steps.BY_NAME["load"].run(laid, quiet)
    steps.BY_NAME["split"].run(laid, quiet)
    policies = files.read_json(laid / "split.json")["policies"]
    assert {name: policy["folds"] for name, policy in policies.items()} == {
        "stratified": 2,
        "grouped": 2,
        "time": 0,
    }
    assert policies["time"]["why"].startswith("Needs rows of two years: ")


def test_the_counts_of_each_part_are_those_of_the_rule(done):
    split, load = (files.read_json(done / f"{name}.json") for name in ("split", "load"))
    barred = holdout.bar(TABLE, SENTINELS)
    rows = holdout.trainable(barred)
    assert (load["rows"], load["dataset_rows"], load["pulsars"]) == (1500, 1500, 150)
    assert split["trained"] == {
        "rows": len(rows),
        "pulsars": rows.pulsars,
        "groups": len(set(rows.pointings)),
        "pointings": len(set(rows.pointings)),
    }
    assert split["holdout"]["rows"] == TABLE.holdout.sum()
    assert (split["sentinels"]["rows"], split["sentinels"]["pulsars"]) == (6, 6)


def test_a_rehearsal_goes_all_the_way_on_200_rows(tmp_path):
    laid = lay(tmp_path, TABLE, sentinels=SENTINELS, search=SEARCH, rehearsal=200)
    steps.run_all(laid, quiet)
    assert files.read_json(laid / "load.json")["rows"] == 200
    policies = files.read_json(laid / "split.json")["policies"]
    assert {policy["folds"] for policy in policies.values()} == {2, 1}
    packed, _ = artefact.read(laid / "artefact")
    card = json.loads(packed[artefact.CARD])
    assert list(card["metrics"]) == ["stratified", "grouped", "time", "holdout"]
    assert card["dataset"]["rows"] == 200
    # Its figures are thrown away: seconds of shuffling are spared.
    scorer, table = Scorer(laid / "artefact"), rows.marked(laid)
    held = table.take(table.holdout)
    assert files.read_json(laid / "explain.json") == {
        "permutation": importance.permutation(scorer, held, shuffles=2),
        "shapley": importance.mean_shapley(scorer, held, most=5),
    }


def test_a_hundred_different_rows_are_enough_and_fewer_are_refused(tmp_path):
    alike = np.arange(1500)
    trained = np.flatnonzero(~TABLE.holdout)
    alike[trained[100:]] = trained[np.arange(len(trained) - 100) % 100]
    few = replace(TABLE, features=TABLE.features[alike])
    steps.BY_NAME["load"].run(lay(tmp_path / "1", few), quiet)
    few.features[trained[0] == alike] = few.features[trained[1]]
    with pytest.raises(BadInput, match="has 99 different rows to train on; 100 are"):
        steps.BY_NAME["load"].run(lay(tmp_path / "2", few), quiet)


def test_a_step_needs_no_folder_but_its_own(copy, tmp_path):
    """Whatever the working folder and the environment are."""
    (copy / "threshold.done.json").unlink()
    root = str(Path(__file__).parents[2])
    environment = {"PYTHONPATH": root, "PATH": os.environ["PATH"]}
    done = run("threshold", copy, cwd=tmp_path, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
