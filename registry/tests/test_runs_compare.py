"""/registry/training/compare/: runs side by side, and their curves."""

import json
from pathlib import Path

import pytest

from pulsar_ml import artefact
from registry.models import Model, TrainingRun, Version
from registry.runs import compare, curves
from registry.ship import register_shipped
from registry.tests.run_rows import dataset_row, run_row

pytestmark = pytest.mark.django_db

URL = "/registry/training/compare/"


@pytest.fixture
def rea(client, person):
    """A researcher, logged in."""
    user = person("researcher", "rea")
    client.force_login(user)
    return user


def text(response) -> str:
    return " ".join(response.content.decode().split())


def measured(value: float, low: float, high: float) -> dict:
    return {"value": value, "low": low, "high": high}


def version_of(run: TrainingRun, card: dict, number: int) -> Version:
    """A version that has a card and no file."""
    model, _ = Model.objects.get_or_create(name="pulsar")
    made = Version.objects.create(
        model=model, number=number, sha256=f"{number:064x}", card=card
    )
    TrainingRun.objects.filter(pk=run.pk).update(version=made)
    return made


@pytest.mark.parametrize(
    "query", ["", "run=1", "run=x&run=", "run=99&run=98", f"run={'9' * 30}"]
)
def test_fewer_than_two_are_nothing_to_compare(client, rea, query):
    run_row()

    assert "There is nothing to compare." in text(client.get(f"{URL}?{query}"))


def test_runs_stand_in_the_order_in_which_they_were_chosen_and_not_too_many(rea):
    runs = [run_row() for _ in range(compare.MOST + 1)]
    numbers = [str(run.pk) for run in reversed(runs)]

    assert compare.chosen([numbers[1], "x", numbers[0], numbers[1]]) == [
        runs[-2],
        runs[-1],
    ]
    assert compare.chosen(numbers) == runs[:0:-1]


def test_what_differs_is_marked_and_what_is_the_same_can_be_left_out(client, rea):
    one = run_row(parameters={"max_features": 2}, packages={"onnx": "1.19"})
    other = run_row(
        algorithm="logistic_regression", packages={"onnx": "1.20"}, tags=["night"]
    )

    shown = compare.compare([one, other], "holdout")

    assert {row.label: [cell.text for cell in row.cells] for row in shown.asked} == {
        "Experiment": ["Trainings", "Trainings"],
        "Dataset": ["1 · HTRU2", "1 · HTRU2"],
        "Algorithm": ["Random Forest", "logistic regression"],
        "Split": ["grouped by pointing", "grouped by pointing"],
        "Seed": ["0", "0"],
        "Recall asked for": ["0.92", "0.92"],
        "By": ["the site", "the site"],
        "Took": ["1 min 00 s", "1 min 00 s"],
        "Tags": ["–", "night"],
    }
    assert {
        row.label: [cell.text for cell in row.cells] for row in shown.parameters
    } == {
        "n_estimators": ["150", "–"],
        "min_samples_leaf": ["5", "–"],
        "max_features": ["2", "–"],
        "C": ["–", "0.3"],
    }
    assert [row.label for row in shown.packages if row.differs] == ["onnx"]
    whole = text(client.get(URL, {"run": [one.pk, other.pk]}))
    assert whole.count('<tr class="differs">') == 2 + 4 + 1
    assert '<th scope="row">Experiment</th>' in whole
    short = text(client.get(URL, {"run": [one.pk, other.pk], "only": "on"}))
    assert short.count('<tr class="differs">') == 7
    assert '<th scope="row">Experiment</th>' not in short


def test_a_change_says_whether_chance_may_be_all_of_it():
    first = run_row(metrics={"holdout.recall": 0.9, "holdout.fpr": 0.02})
    near = run_row(metrics={"holdout.recall": 0.92, "holdout.fpr": 0.01})
    far = run_row(metrics={"holdout.recall": 0.95, "holdout.fpr": 0.02})
    none = run_row("failed")
    for number, (run, low) in enumerate([(near, 0.89), (far, 0.93)], 1):
        figure = measured(run.metrics["holdout.recall"], low, 0.97)
        version_of(run, {"metrics": {"holdout": {"recall": figure}}}, number)
    runs = compare.chosen([str(run.pk) for run in (first, near, far, none)])

    recall, fpr = compare.compare(runs, "holdout").figures

    assert (recall.figure.label, recall.differs) == ("Recall", True)
    assert recall.cells == [
        compare.Measured(0.9, None, None, False, None, False),
        compare.Measured(0.92, 0.89, 0.97, False, pytest.approx(0.02), True),
        compare.Measured(0.95, 0.93, 0.97, True, pytest.approx(0.05), False),
        None,
    ]
    # Nothing of one that failed is no difference.
    assert not compare.compare([runs[0], runs[3]], "holdout").figures[0].differs
    # The less the better.
    assert [cell and cell.is_best for cell in fpr.cells] == [False, True, False, None]


def test_none_is_best_of_equals_nor_of_what_is_neither_good_nor_bad():
    runs = [
        run_row(metrics={"holdout.f1": 0.9, "threshold": threshold})
        for threshold in (0.1, 0.2)
    ]

    f1, threshold = compare.compare(runs, "holdout").figures

    assert not f1.differs
    assert threshold.differs
    assert not any(cell.is_best for cell in (*f1.cells, *threshold.cells))


def test_figures_of_different_rows_come_with_a_warning(client, rea):
    dataset_row("one")
    one = run_row(seed=1)
    dataset_row("two")
    two = run_row("running")

    rows, seeds, waiting = compare.compare([one, two], "grouped").warnings

    assert rows.startswith("They learned from different datasets, so that each was")
    assert seeds == "Their folds were cut with different seeds."
    assert waiting == f"Not at the end yet: {two}."
    assert compare.compare([one, one], "grouped").warnings == []
    shown = text(client.get(URL, {"run": [one.pk, two.pk], "split": "no such"}))
    assert shown.count('<p class="notice warning">') == 2


def with_curves(run: TrainingRun, folder: Path, points: list[float]) -> None:
    """Give the run the shipped version with an evaluation beside it."""
    evaluation = {
        "curves": {
            "holdout": {
                "roc": {"fpr": [0.0, 0.5, 1.0], "recall": points},
                "calibration": {"predicted": [0.1, 0.9], "observed": [None, 0.8]},
            }
        }
    }
    files, _ = artefact.read(Version.objects.latest("number").folder)
    files |= {"evaluation.json": json.dumps(evaluation).encode()}
    sha256 = artefact.write(folder, files)
    made = version_of(run, {}, run.pk + 100)
    made.sha256 = sha256
    made.save(update_fields=["sha256"])
    folder.rename(made.folder)


def test_curves_lie_one_over_the_other(client, rea, tmp_path):
    register_shipped()
    runs = [run_row() for _ in range(3)]
    with_curves(runs[0], tmp_path / "one", [0.0, 0.8, 1.0])
    with_curves(runs[2], tmp_path / "two", [0.0, 0.9, 1.0])
    chosen = compare.chosen([str(run.pk) for run in runs])

    roc, calibration = curves.curves(chosen, "holdout")

    assert (roc.title, roc.x.label, roc.y.label) == (
        "ROC",
        "False-positive rate",
        "Recall",
    )
    # The second has none; the third keeps the colour of its column.
    assert [(t.place, t.name, [p[:2] for p in t.points]) for t in roc.traces] == [
        (1, f"Run {runs[0].pk}", [(0.0, 0.0), (0.5, 0.8), (1.0, 1.0)]),
        (3, f"Run {runs[2].pk}", [(0.0, 0.0), (0.5, 0.9), (1.0, 1.0)]),
    ]
    assert [p[:2] for p in calibration.traces[0].points] == [(0.9, 0.8)]
    answer = client.get(URL, {"run": [run.pk for run in runs]})
    shown = text(answer)
    assert shown.count('<figure class="trace-plot"') == 2
    assert '<path class="line line-1" d="M70.0 486.0L508.0 106.8L946.0 12.0"/>' in shown
    assert '<script id="plot-0" type="application/json">' in shown
    assert "'unsafe-inline'" in answer["Content-Security-Policy"]
    other = text(client.get(URL, {"run": [r.pk for r in runs], "split": "time"}))
    assert "None of them has curves of this kind" in other


def test_a_version_that_is_damaged_has_no_curves(tmp_path):
    register_shipped()
    run = run_row()
    with_curves(run, tmp_path / "one", [0.0, 0.8, 1.0])
    (run,) = compare.chosen([str(run.pk)])
    (run.version.folder / "evaluation.json").write_text("{}")

    assert curves.curves([run], "holdout") == []
