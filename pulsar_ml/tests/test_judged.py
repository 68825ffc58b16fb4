"""The steps after the fit: what they leave is what the files before them give."""

import json
import shutil

import numpy as np
import pytest

from pulsar_ml import artefact, export, metrics, thresholds
from pulsar_ml.datasets import holdout, store
from pulsar_ml.evaluation import importance
from pulsar_ml.evaluation.curves import curves
from pulsar_ml.evaluator import Evaluator, Scored
from pulsar_ml.model import Model
from pulsar_ml.reference import summarise
from pulsar_ml.serving import Graph, Scorer, shipped
from pulsar_ml.tests import simulated
from pulsar_ml.thresholds import Thresholds
from pulsar_ml.training import evaluate, plan, rows, steps, threshold
from pulsar_ml.training import folder as files

pytestmark = pytest.mark.slow

TABLE = simulated.observed(2000)
SEED = 3


def quiet(done, of, words):
    """For whoever does not want to be told."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("training")
    sha256 = store.write(made, TABLE, temp=made / "temp")
    champion = shipped()[1]
    asked = plan.Plan(
        created="2026-11-22T00:00:00+00:00",
        dataset=plan.Dataset(str(made / store.ROWS), sha256, "made up"),
        algorithm="random_forest",
        parameters={"n_estimators": 10},
        folds=3,
        seed=SEED,
        champion=plan.Champion("pulsar/2", str(champion), Scorer(champion).sha256),
    )
    plan.write(made / "run", asked)
    steps.run_all(made / "run", quiet)
    return made / "run"


@pytest.fixture
def copy(folder, tmp_path):
    return shutil.copytree(folder, tmp_path / "run")


def read(folder, name):
    return json.loads((folder / name).read_bytes())


def held():
    return TABLE.take(TABLE.holdout)


def scores(folder):
    return Graph((folder / "model.onnx").read_bytes()).score(held().features)


def test_thresholds_are_chosen_on_training_rows_that_the_model_had_not_seen(folder):
    unseen = files.read_arrays(folder / "out_of_fold.npz")
    labels = TABLE.labels[~TABLE.holdout]
    assert (unseen["row"] == np.flatnonzero(~TABLE.holdout)).all()
    one, other = (
        thresholds.choose(labels, unseen[name]) for name in ("score", "baseline_score")
    )
    assert read(folder, "threshold.json") == {
        "threshold": one.shipped,
        "threshold_f1": one.f1,
        "rule": thresholds.RULE.format(recall=0.92),
        "baseline": {"threshold": other.shipped, "threshold_f1": other.f1},
    }


def test_the_model_is_one_whose_folds_were_all_fitted_for_it_alone(folder):
    """What cross-validation has told of the same folds is taken from there."""
    trained = holdout.trainable(TABLE)
    model = Model("random_forest", {"n_estimators": 10}, folds=3, seed=SEED)
    model.fit(trained)
    onnx = export.to_onnx(model, TABLE.features)
    assert (folder / "model.onnx").read_bytes() == onnx
    unseen = files.read_arrays(folder / "out_of_fold.npz")
    assert (unseen["score"] == model.out_of_fold_).all()


def test_the_hold_out_is_judged_by_the_onnx_at_the_chosen_thresholds(folder):
    at = threshold.read(read(folder, "threshold.json"))
    test = Scored(held().labels, scores(folder), at)
    found = read(folder, "evaluate.json")
    assert found["metrics"]["holdout"] == Evaluator(seed=SEED).on_unseen(
        test, held().groups
    )
    assert found["curves"]["holdout"] == curves(test.labels, test.scores)
    confusion = metrics.confusion(test.labels, test.scores, at.shipped)
    (shipped_one,) = (t for t in found["trade"] if t["threshold"] == at.shipped)
    assert {name: shipped_one[name] for name in confusion} == confusion
    missed = (held().labels == 1) & (test.scores < at.shipped)
    assert {one["name"] for one in found["missed"]} == set(held().names[missed])
    assert len(found["missed"]) == confusion["fn"] > 0
    assert set(found["missed"][0]["observed"]) == {"pointing", *TABLE.observed}


@pytest.mark.parametrize("whose", ["", "baseline_"])
def test_each_policy_is_judged_fold_by_fold(folder, whose):
    tested = files.read_arrays(folder / "folds.npz")
    found = read(folder, "evaluate.json")
    reports = found["beside"]["baseline_folds"] if whose else found["metrics"]
    assert [name for name in reports if name != "holdout"] == list(rows.POLICIES)
    for policy, folds in (("stratified", 3), ("grouped", 3), ("time", 1)):
        by_fold, tests = [], []
        for number in range(folds):
            part = (tested["policy"] == policy) & (tested["fold"] == number)
            labels, said = TABLE.labels[tested["row"][part]], tested[f"{whose}score"]
            (at,) = set(tested[f"{whose}threshold"][part])
            (at_f1,) = set(tested[f"{whose}threshold_f1"][part])
            tests.append(Scored(labels, said[part], Thresholds(at, at_f1)))
            by_fold.append(metrics.at_threshold(labels, said[part], at)["recall"])
        assert reports[policy]["folds"] == folds
        assert reports[policy]["recall"]["value"] == round(np.mean(by_fold), 4)
        if folds > 1:
            # Half as many rows are tested as are trained on.
            expected = Evaluator().on_folds(tests, 1 / 2)
            assert reports[policy]["recall"] == pytest.approx(
                expected["recall"], abs=2e-3
            )
            counts = [r["at_f1"]["confusion"] for r in (reports[policy], expected)]
            assert counts[0] == counts[1]
        else:
            groups = TABLE.groups[tested["row"][part]]
            expected = Evaluator(seed=SEED).on_unseen(tests[0], groups)
            assert reports[policy] == expected


def test_of_the_chosen_policy_all_tested_rows_are_drawn_together(folder):
    tested = files.read_arrays(folder / "folds.npz")
    part = tested["policy"] == "grouped"
    labels = TABLE.labels[tested["row"][part]]
    found = read(folder, "evaluate.json")["curves"]
    assert list(found) == ["holdout", "grouped"]
    assert found["grouped"] == curves(labels, tested["score"][part])


def test_logistic_regression_and_the_champion_are_judged_by_the_same_rows(folder):
    found = read(folder, "evaluate.json")["beside"]
    said = Graph((folder / "baseline.onnx").read_bytes()).score(held().features)
    at = threshold.read(read(folder, "threshold.json")["baseline"])
    judge = Evaluator(seed=SEED)
    test = Scored(held().labels, said, at)
    assert found["baseline"] == judge.on_unseen(test, held().groups)
    champion = Scorer(shipped()[1])
    theirs = Thresholds(champion.threshold, champion.card["threshold_f1"])
    test = Scored(held().labels, champion.score(held().features), theirs)
    assert found["champion"] == {
        "name": "pulsar/2",
        "rows": len(held()),
        "pulsars": held().pulsars,
        "report": judge.on_unseen(test, held().groups),
        "ours": read(folder, "evaluate.json")["metrics"]["holdout"],
        "why": "",
    }


def test_without_baseline_and_champion_nothing_stands_in_their_place(copy):
    (copy / "baseline.onnx").unlink()
    for name in ("folds.npz", "out_of_fold.npz"):
        arrays = files.read_arrays(copy / name)
        own = {key: arrays[key] for key in arrays if not key.startswith("baseline_")}
        files.write_arrays(copy / name, own)
    files.write_json(copy / plan.PLAN, {**read(copy, plan.PLAN), "champion": None})
    threshold.run(copy, quiet)
    assert read(copy, "threshold.json")["baseline"] is None
    evaluate.run(copy, quiet)
    found = read(copy, "evaluate.json")["beside"]
    assert {name: found[name] for name in found if name != "published"} == {
        "baseline": None,
        "baseline_folds": {},
        "champion": None,
    }


def test_the_worst_part_of_the_hold_out_is_that_of_weak_pulsars(folder):
    found = read(folder, "slices.json")["slices"]
    enough = [part for part in found if part["enough"]]
    assert (enough[0]["column"], enough[0]["label"][:6]) == ("snr", "below ")
    recalls = [part["recall"]["value"] for part in enough]
    assert recalls == sorted(recalls)
    assert {part["column"] for part in found} == {"year", *TABLE.observed}
    at = read(folder, "threshold.json")["threshold"]
    weak = held().observed["snr"] < float(enough[0]["label"].removeprefix("below "))
    called = scores(folder) >= at
    assert recalls[0] == round(called[weak & (held().labels == 1)].mean(), 4)


def test_features_are_weighed_on_the_hold_out_against_the_training_rows(folder):
    trained = holdout.trainable(TABLE)
    summary = summarise(trained.features, trained.labels, SEED)
    written = (folder / "reference.json").read_bytes()
    assert written == artefact.to_json(summary)
    scorer = Scorer(folder / "artefact")
    assert read(folder, "explain.json") == {
        "permutation": importance.permutation(scorer, held(), SEED),
        "shapley": importance.mean_shapley(scorer, held(), SEED),
    }


def test_the_artefact_is_whole_and_says_what_every_step_found(folder):
    content, _ = artefact.read(folder / "artefact")
    assert set(content) == {*artefact.FILES, artefact.EVALUATION}
    card = json.loads(content[artefact.CARD])
    judged, fit = read(folder, "evaluate.json"), read(folder, "fit.json")
    chosen = read(folder, "threshold.json")
    about = {name: card[name] for name in ("metrics", "parameters", "calibration")}
    assert about == {
        "metrics": judged["metrics"],
        **{n: fit[n] for n in about if n in fit},
    }
    assert (card["threshold"], card["threshold_f1"], card["threshold_rule"]) == (
        chosen["threshold"],
        chosen["threshold_f1"],
        chosen["rule"],
    )
    assert (card["policy"], card["search"], card["sentinels"]) == ("grouped", [], 0)
    assert card["weights"] == {"pulsars": 1.0, "others": 1.0}
    assert (card["created"], card["champion"]) == ("2026-11-22T00:00:00+00:00", False)
    trained = holdout.trainable(TABLE)
    assert artefact.hashes(content[artefact.TRAINING]) == set(trained.hashes)
    assert artefact.hashes(content[artefact.HOLDOUT]) == set(held().hashes)
    assert card["dataset"] == {
        "name": "made up",
        "sha256": read(folder, plan.PLAN)["dataset"]["sha256"],
        "rows": 2000,
        "pulsars": TABLE.pulsars,
        "pointings": int(np.unique(TABLE.pointings).size),
        "trained_rows": len(trained),
        "trained_pulsars": trained.pulsars,
        "holdout_rows": len(held()),
        "holdout_pulsars": held().pulsars,
    }
    explained = read(folder, "explain.json")
    assert json.loads(content[artefact.EVALUATION]) == {
        "curves": judged["curves"],
        "trade": judged["trade"],
        "slices": read(folder, "slices.json")["slices"],
        "missed": judged["missed"],
        "importance": explained,
        "beside": judged["beside"],
    }
