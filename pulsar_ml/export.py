"""Turn a fitted model into ONNX that gives the same scores."""

from copy import copy
from itertools import pairwise
from typing import Any

import numpy as np
import skl2onnx  # noqa: TID253  only training imports this module
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper  # noqa: TID253
from skl2onnx.common.data_types import FloatTensorType  # noqa: TID253
from skl2onnx.operator_converters.random_forest import (  # noqa: TID253
    convert_sklearn_random_forest_classifier,
)
from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: TID253
from sklearn.pipeline import Pipeline  # noqa: TID253

from pulsar_ml.errors import ConversionFailed
from pulsar_ml.features import FEATURES
from pulsar_ml.model import Model
from pulsar_ml.serving import Graph

TOLERANCE = 1e-6
# Trees are added up in single precision: 300 of them were wrong by 1.4e-6.
_MOST_TREES = 150
# Pinned: old enough for any onnxruntime met, and the same bytes whatever is newest.
_OPSETS = {"": 17, "ai.onnx.ml": 3}
_IR_VERSION = 8


def to_onnx(model: Model, features: NDArray[np.floating[Any]]) -> bytes:
    """Convert a fitted model and compare the scores of every row.

    Parameters
    ----------
    model : Model
        Fitted.
    features : ndarray of shape (n_rows, 8)
        The whole dataset.

    Returns
    -------
    bytes
        A graph with one input ``features``, float32 of shape (n_rows, 8), and one
        output ``probability``, float32 of shape (n_rows, 1), calibration inside.

    Raises
    ------
    ConversionFailed
        If a score differs by more than 1e-6 from scikit-learn's.
    """
    linear = isinstance(model.base_, Pipeline)
    made = _linear(model) if linear else _trees(model)
    raw = bytes(made.SerializeToString())
    check(raw, model, features)
    return raw


def check(raw: bytes, model: Model, features: NDArray[np.floating[Any]]) -> None:
    """Compare a graph's scores with scikit-learn's.

    Parameters
    ----------
    raw : bytes
        The ONNX file.
    model : Model
        What it was made from.
    features : ndarray of shape (n_rows, 8)
        Rows to score by both.

    Raises
    ------
    ConversionFailed
        If a score differs by more than 1e-6.
    """
    scores = Graph(raw).score(features)
    # A score that is no number must fail too, hence not "worst > TOLERANCE".
    worst = np.abs(scores - model.probability(features)).max()
    if not worst <= TOLERANCE:
        raise ConversionFailed(
            f"The ONNX of this {model.algorithm} differs from scikit-learn's scores by"
            f" up to {worst:.2g}; {TOLERANCE:g} is allowed."
        )


def _trees(model: Model) -> ModelProto:
    """skl2onnx converts the trees; the sigmoid follows on what they say of class 1."""
    constants: dict[str, Any] = {
        "one": np.array([1]),
        "slope": np.float32(model.slope_),
        "intercept": np.float32(model.intercept_),
    }
    nodes = _mean_votes(model.base_, constants)
    nodes += [
        helper.make_node("Mul", ["raw", "slope"], ["scaled"]),
        helper.make_node("Add", ["scaled", "intercept"], ["logit"]),
        helper.make_node("Sigmoid", ["logit"], ["probability"]),
    ]
    return _graph(nodes, constants)


def _mean_votes(base: Any, constants: dict[str, Any]) -> list[Any]:
    """Convert all trees, in parts if need be, and add up what they say of class 1."""
    parts = _parts(base)
    if len(parts) == 1:
        return _votes(base, "raw")
    nodes: list[Any] = []
    for place, part in enumerate(parts):
        mean, share = f"mean_{place}", f"share_{place}"
        constants[share] = np.float32(part.n_estimators / base.n_estimators)
        weighed = helper.make_node("Mul", [mean, share], [f"weighed_{place}"])
        nodes += [*_votes(part, mean, f"_{place}"), weighed]
    summands = [f"weighed_{place}" for place in range(len(parts))]
    return [*nodes, helper.make_node("Sum", summands, ["raw"])]


def _parts(base: Any) -> list[Any]:
    """Part a forest that has too many trees for one sum into several."""
    if isinstance(base, HistGradientBoostingClassifier):
        return [base]
    n = base.n_estimators
    ends = np.linspace(0, n, -(-n // _MOST_TREES) + 1).round().astype(int)
    parts = []
    for begin, end in pairwise(ends.tolist()):
        part = copy(base)
        part.n_estimators, part.estimators_ = end - begin, base.estimators_[begin:end]
        parts.append(part)
    return parts


def _votes(base: Any, mean: str, mark: str = "") -> list[Any]:
    """Convert trees into nodes that end in what they say of class 1."""
    boosted = isinstance(base, HistGradientBoostingClassifier)
    options: dict[str, bool] = {"zipmap": False}
    if boosted:
        options["raw_scores"] = True
    made = skl2onnx.convert_sklearn(
        base,
        initial_types=[("features", FloatTensorType([None, len(FEATURES)]))],
        options={id(base): options},
        target_opset=_OPSETS,
        custom_conversion_functions={
            HistGradientBoostingClassifier: _convert_boosted_trees
        },
    )
    trees = made.graph.node[0]
    trees.name += mark
    for place, name in enumerate(trees.output):
        trees.output[place] = name + mark
    votes = trees.output[1]
    pick = helper.make_node(
        "ArrayFeatureExtractor", [votes, "one"], [mean], domain="ai.onnx.ml"
    )
    return [trees, pick]


def _convert_boosted_trees(scope: Any, operator: Any, container: Any) -> None:
    """Give protobuf plain integers: it refuses skl2onnx 1.20's booleans among them."""
    add_node = container.add_node

    def add_plain(*args: Any, **attributes: Any) -> None:
        plain = {name: _plain(value) for name, value in attributes.items()}
        add_node(*args, **plain)

    container.add_node = add_plain
    convert_sklearn_random_forest_classifier(scope, operator, container)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [int(v) if isinstance(v, bool | np.generic) else v for v in value]
    return value


def _linear(model: Model) -> ModelProto:
    """Logistic regression on powers and products as one quadratic form.

    skl2onnx makes some 90 nodes of the products, ten times slower, and cannot make
    the powers in double precision; in single they are wrong by 5e-6.
    """
    power, products, logistic = (step for _, step in model.base_.steps)
    square = np.zeros((len(FEATURES), len(FEATURES)))
    linear = np.zeros(len(FEATURES))
    for exponents, weight in zip(products.powers_, logistic.coef_[0], strict=True):
        first, *second = np.repeat(np.arange(len(FEATURES)), exponents)
        if second:
            square[first, second[0]] = weight
        else:
            linear[first] = weight
    constants = {
        "one": 1.0,
        "power_right": power.lambdas_,
        "power_left": 2 - power.lambdas_,
        "mean": power._scaler.mean_,  # noqa: SLF001  nowhere else to be had
        "scale": power._scaler.scale_,  # noqa: SLF001
        "square": square * model.slope_,
        "linear": linear * model.slope_,
        "sum": np.ones((len(FEATURES), 1)),
        "intercept": logistic.intercept_ * model.slope_ + model.intercept_,
    }
    nodes = [
        helper.make_node("Cast", ["features"], ["wide"], to=TensorProto.DOUBLE),
        *_yeo_johnson_branch("wide", "right"),
        helper.make_node("Neg", ["wide"], ["negated"]),
        *_yeo_johnson_branch("negated", "left"),
        *_chain(
            ("Sub", "right", "left", "normal"),
            ("Sub", "normal", "mean", "centred"),
            ("Div", "centred", "scale", "z"),
            ("MatMul", "z", "square", "zs"),
            ("Add", "zs", "linear", "slopes"),
            ("Mul", "slopes", "z", "terms"),
            ("MatMul", "terms", "sum", "total"),
            ("Add", "total", "intercept", "logit"),
        ),
        helper.make_node("Sigmoid", ["logit"], ["wide_probability"]),
        helper.make_node(
            "Cast", ["wide_probability"], ["probability"], to=TensorProto.FLOAT
        ),
    ]
    return _graph(nodes, {name: np.float64(value) for name, value in constants.items()})


def _yeo_johnson_branch(source: str, side: str) -> list[Any]:
    """((1 + x)**p - 1) / p where x is positive, and 0 where it is not."""
    return [
        helper.make_node("Relu", [source], [f"{side}_only"]),
        *_chain(("Add", f"{side}_only", "one", f"{side}_shifted")),
        helper.make_node("Log", [f"{side}_shifted"], [f"{side}_log"]),
        *_chain(("Mul", f"{side}_log", f"power_{side}", f"{side}_exponent")),
        helper.make_node("Exp", [f"{side}_exponent"], [f"{side}_raised"]),
        *_chain(
            ("Sub", f"{side}_raised", "one", f"{side}_gain"),
            ("Div", f"{side}_gain", f"power_{side}", side),
        ),
    ]


def _chain(*steps: tuple[str, str, str, str]) -> list[Any]:
    return [helper.make_node(op, [a, b], [out]) for op, a, b, out in steps]


def _graph(nodes: list[Any], constants: dict[str, Any]) -> ModelProto:
    size = len(FEATURES)
    graph = helper.make_graph(
        nodes,
        "pulsar",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, size])],
        [helper.make_tensor_value_info("probability", TensorProto.FLOAT, [None, 1])],
        [numpy_helper.from_array(np.asarray(v), n) for n, v in constants.items()],
    )
    opsets = [helper.make_opsetid(*item) for item in _OPSETS.items()]
    return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)
