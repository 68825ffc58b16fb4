"""`python -m pulsar_ml`, as a person runs it."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pulsar_ml.candidate import open_candidate
from pulsar_ml.serving import Scorer, shipped
from pulsar_ml.tests import simulated

pytestmark = pytest.mark.slow


def run(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    environment.pop("PULSARSITE_DATA", None)
    return subprocess.run(
        [sys.executable, "-m", "pulsar_ml", *map(str, arguments)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_train_evaluate_and_classify_end_to_end(tmp_path):
    made = simulated.table(2000)
    data = simulated.write(tmp_path / "mine.csv", made)
    chosen = ("--algorithm", "logistic_regression", "--out", "version")
    trained = run("train", "--data", data, *chosen, cwd=tmp_path)
    assert trained.returncode == 0, trained.stderr
    scorer = Scorer(tmp_path / "version")
    assert trained.stdout == f"{scorer.sha256}  version\n"
    assert "cross-validating, grouped" in trained.stderr

    judged = run("evaluate", "--model", "version", "--data", data, cwd=tmp_path)
    assert judged.returncode == 0, judged.stderr
    counts = scorer.card["dataset"]
    assert f"{counts['trained_rows']:,} rows that the model" in judged.stderr
    assert json.loads(judged.stdout) == scorer.card["metrics"]["holdout"]

    out = ("--model", "version", "--out", "scores.csv", "--json")
    classified = run("classify", data, *out, cwd=tmp_path)
    assert classified.returncode == 0, classified.stderr
    summary = json.loads(classified.stdout)
    with (tmp_path / "scores.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    scores = scorer.score(made.features)
    assert [float(row["probability"]) for row in rows] == pytest.approx(
        scores.tolist(), abs=1e-6
    )
    called = int((scores >= scorer.threshold).sum())
    assert (summary["rows"], summary["scored"], summary["pulsars"]) == (
        2000,
        2000,
        called,
    )
    assert {row["model_version"] for row in rows} == {"pulsar/version"}


def test_classify_takes_the_shipped_champion_by_itself(tmp_path):
    data = simulated.write(tmp_path / "mine.csv", simulated.table(20))
    done = run("classify", data, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    champion = [path for path in shipped() if Scorer(path).card["champion"]]
    versions = {row["model_version"] for row in csv.DictReader(done.stdout.split("\n"))}
    assert versions == {f"pulsar/{path.name}" for path in champion}


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        ((), 2, "COMMAND"),
        (("train",), 2, "--out"),
        (("train", "--algorithm", "magic", "--out", "x"), 2, "invalid choice: 'magic'"),
        (("train", "--out", "x"), 1, "Say where the table is"),
        (("train", "--out", "."), 1, "never overwritten"),
        (("evaluate", "--data", "absent.csv"), 1, "There is no file absent.csv."),
        (("classify", "x.csv", "--model", "absent"), 1, "absent is no whole artefact"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(tmp_path, arguments, code, reason):
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == code
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
    if code == 1:
        assert done.stderr.count("\n") == 1


def test_simulate_writes_as_many_files_as_wanted(tmp_path):
    chosen = ("--kind", "interference", "--count", 2, "--out", "made", "--seed", 7)
    for form, suffix in (("phcx", ".phcx.gz"), ("pfd", ".pfd")):
        done = run("simulate", *chosen, "--format", form, cwd=tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        files = sorted((tmp_path / "made").glob(f"*{suffix}"))
        names = [f"simulated-interference-{seed}{suffix}" for seed in (7, 8)]
        assert [file.name for file in files] == names
        assert {open_candidate(file).kind for file in files} == {form}


def test_plot_draws_a_file_and_can_leave_interference_out(tmp_path):
    run("simulate", "--out", ".", "--format", "pfd", cwd=tmp_path)
    file = "simulated-pulsar-0.pfd"
    drawn = run("plot", file, "--out", "plain.png", "--theme", "dark", cwd=tmp_path)
    assert (drawn.returncode, drawn.stdout, drawn.stderr) == (0, "", "")
    plain = (tmp_path / "plain.png").read_bytes()
    assert plain[:4] == b"\x89PNG"
    arguments = ("--out", "masked.png", "--theme", "dark", "--mask")
    masked = run("plot", file, *arguments, cwd=tmp_path)
    assert masked.returncode == 0, masked.stderr
    assert masked.stderr.endswith(" of 1024 profiles left out\n")
    assert (tmp_path / "masked.png").read_bytes() != plain


def test_plot_says_what_it_cannot_do(tmp_path):
    run("simulate", "--out", ".", cwd=tmp_path)
    phcx = "simulated-pulsar-0.phcx.gz"
    for arguments, reason in (
        ((phcx, "--out", "a.pdf"), "a.pdf: the picture must be a .png or a .svg\n"),
        (
            (phcx, "--out", "a.svg", "--mask"),
            "only a PFD keeps the profiles that a mask could leave out\n",
        ),
    ):
        done = run("plot", *arguments, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (1, reason)
    assert [path.name for path in tmp_path.glob("*.*")] == [phcx]
