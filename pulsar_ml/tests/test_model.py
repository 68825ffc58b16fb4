"""What the three algorithms learn, and that their ONNX says the same."""

from dataclasses import replace

import numpy as np
import onnx  # noqa: TID253
import pytest
from sklearn.ensemble import RandomForestClassifier  # noqa: TID253
from sklearn.metrics import roc_auc_score  # noqa: TID253

from pulsar_ml import export
from pulsar_ml.datasets import holdout
from pulsar_ml.datasets.labelled import labelled
from pulsar_ml.errors import ConversionFailed
from pulsar_ml.model import DEFAULTS, Model
from pulsar_ml.serving import Graph
from pulsar_ml.tests import simulated

pytestmark = pytest.mark.slow

TABLE = simulated.table(1200)
ROWS = holdout.trainable(TABLE)
UNSEEN = simulated.table(800, seed=1)
SMALL = {
    "random_forest": {"n_estimators": 20},
    "gradient_boosting": {"max_iter": 40},
    "logistic_regression": {},
}


def fitted(algorithm: str, *, jobs: int = 1, seed: int = 0) -> Model:
    model = Model(algorithm, SMALL[algorithm], folds=3, seed=seed, jobs=jobs)
    return model.fit(ROWS)


@pytest.fixture(scope="module", params=list(DEFAULTS))
def model(request) -> Model:
    return fitted(request.param)


def test_the_onnx_scores_unseen_rows_as_scikit_learn_does(model):
    graph = Graph(export.to_onnx(model, TABLE.features))
    difference = graph.score(UNSEEN.features) - model.probability(UNSEEN.features)
    assert np.abs(difference).max() <= 1e-6


def test_a_forest_of_many_trees_is_added_up_in_parts():
    many = {"n_estimators": 320, "min_samples_leaf": 40}
    forest = Model("random_forest", many, folds=2, jobs=2).fit(ROWS)
    made = onnx.load_from_string(export.to_onnx(forest, TABLE.features))
    onnx.checker.check_model(made, full_check=True)
    trees = [node for node in made.graph.node if node.op_type.startswith("Tree")]
    sizes = [
        len(set(attribute.ints))
        for node in trees
        for attribute in node.attribute
        if attribute.name == "nodes_treeids"
    ]
    assert sizes == [107, 106, 107]
    assert len({node.name for node in trees}) == 3


def test_the_onnx_has_one_input_one_output_and_no_foreign_operator(model):
    made = onnx.load_from_string(export.to_onnx(model, TABLE.features))
    onnx.checker.check_model(made, full_check=True)
    ends = [(end.name, end.type.tensor_type.elem_type) for end in made.graph.input] + [
        (end.name, end.type.tensor_type.elem_type) for end in made.graph.output
    ]
    float32 = onnx.TensorProto.FLOAT
    assert ends == [("features", float32), ("probability", float32)]
    assert {node.domain for node in made.graph.node} <= {"", "ai.onnx.ml"}


def test_a_graph_that_says_something_else_is_refused(model):
    raw = export.to_onnx(model, TABLE.features)
    model.intercept_ += 1e-3
    with pytest.raises(ConversionFailed, match="1e-06 is allowed"):
        export.check(raw, model, TABLE.features)
    model.intercept_ -= 1e-3


def test_a_score_that_is_no_number_is_refused(model):
    raw = export.to_onnx(model, TABLE.features)
    slope, model.slope_ = model.slope_, float("nan")
    with pytest.raises(ConversionFailed):
        export.check(raw, model, TABLE.features)
    model.slope_ = slope


def test_it_ranks_unseen_pulsars_above_others(model):
    scores = model.probability(UNSEEN.features)
    assert roc_auc_score(UNSEEN.labels, scores) > 0.95


def test_its_scores_are_calibrated_on_rows_not_seen(model):
    # The sigmoid makes the mean of what it was fitted to equal the share of pulsars.
    share = ROWS.labels.mean()
    assert model.out_of_fold_.mean() == pytest.approx(share, abs=1e-4)
    assert model.probability(UNSEEN.features).mean() == pytest.approx(0.1, abs=0.03)


@pytest.mark.parametrize("algorithm", DEFAULTS)
def test_the_same_seed_gives_the_same_bytes_whatever_the_threads(algorithm):
    one = export.to_onnx(fitted(algorithm), TABLE.features)
    two = export.to_onnx(fitted(algorithm, jobs=2), TABLE.features)
    assert one == two


def test_another_seed_gives_another_forest():
    one, two = (fitted("random_forest", seed=seed) for seed in (0, 1))
    assert (one.probability(UNSEEN.features) != two.probability(UNSEEN.features)).any()


def test_without_folds_nothing_is_calibrated_and_the_order_is_the_same():
    whole = fitted("gradient_boosting")
    quick = Model("gradient_boosting", SMALL["gradient_boosting"], folds=0).fit(ROWS)
    assert (quick.slope_, quick.intercept_) == (1.0, 0.0)
    assert not hasattr(quick, "out_of_fold_")
    orders = [np.argsort(m.probability(UNSEEN.features)) for m in (whole, quick)]
    assert (orders[0] == orders[1]).all()


def test_rows_that_all_count_the_same_are_drawn_as_without_weights():
    model = Model("random_forest", SMALL["random_forest"], folds=0).fit(ROWS)
    plain = RandomForestClassifier(**model.all_parameters(), random_state=0)
    plain.fit(ROWS.features.astype(np.float32), ROWS.labels)
    expected = plain.predict_proba(UNSEEN.features)
    assert (model.base_.predict_proba(UNSEEN.features) == expected).all()


@pytest.mark.parametrize("algorithm", DEFAULTS)
def test_pulsars_that_weigh_thrice_are_expected_more_often(algorithm):
    heavy = replace(ROWS, weights=np.where(ROWS.labels == 1, 3.0, 1.0))
    means = [
        Model(algorithm, SMALL[algorithm], folds=0)
        .fit(rows)
        .probability(UNSEEN.features)
        .mean()
        for rows in (ROWS, heavy)
    ]
    assert means[0] < means[1]


def test_a_row_is_not_scored_by_a_model_that_saw_its_pointing():
    # Labels that only the pointing tells: whoever sees a sibling knows the answer.
    rng = np.random.default_rng(0)
    table = labelled(
        np.repeat(rng.normal(50, 10, (125, 8)), 6, axis=0),
        np.repeat(rng.integers(0, 2, 125), 6).astype(np.int8),
        name="siblings",
        pointings=np.repeat(np.arange(125), 6).astype(str),
    )
    rows = holdout.trainable(table)
    model = Model("random_forest", {"min_samples_leaf": 1}, folds=3).fit(rows)
    assert roc_auc_score(rows.labels, model.probability(rows.features)) > 0.95
    assert roc_auc_score(rows.labels, model.out_of_fold_) < 0.65


@pytest.mark.parametrize("side", ["holdout", "sentinel"])
def test_no_algorithm_learns_from_a_single_row_that_is_set_aside(side):
    barred = np.arange(len(ROWS)) == 17
    with pytest.raises(holdout.Barred, match=f"1 rows of simulated.csv .* {side[:4]}"):
        Model().fit(replace(ROWS, **{side: barred}))
