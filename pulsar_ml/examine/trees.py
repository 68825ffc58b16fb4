"""Trees and coefficients: what a library would look up must be there.

A tree that names a ninth feature makes onnxruntime read beyond a row, and one that goes
round never ends; so both are found before it is loaded.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, helper, shape_inference  # noqa: TID253

from pulsar_ml.examine.finding import Failed
from pulsar_ml.examine.operators import ML, TREES

# Deeper, and what walks a tree step by step runs out of stack.
DEEPEST = 500
_NODES = (
    "nodes_treeids",
    "nodes_nodeids",
    "nodes_featureids",
    "nodes_truenodeids",
    "nodes_falsenodeids",
    "nodes_modes",
    "nodes_values",
)
_Ints = NDArray[np.int64]
# By operator: attributes with as many values as there are columns, or one.
_BY_COLUMN = {
    "Scaler": ("offset", "scale"),
    "Imputer": ("imputed_value_floats",),
}
_LINEAR = {"LinearClassifier": "intercepts", "LinearRegressor": "targets"}


def bounded(model: ModelProto) -> str:
    """Check that trees end, and that nothing is looked up beyond its end.

    Parameters
    ----------
    model : ModelProto
        The model.

    Returns
    -------
    str
        How many trees there are.

    Raises
    ------
    Failed
        If a tree goes round, is too deep, or names what is not there.
    """
    widths = _widths(model)
    n_trees = 0
    for node in model.graph.node:
        if node.domain != ML or not node.input:
            continue
        told = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        if node.op_type in TREES:
            n_trees += _trees(node, told, widths.get(node.input[0]))
        elif node.op_type in _BY_COLUMN:
            _check_columns(node, told, widths.get(node.input[0]))
        elif node.op_type in _LINEAR:
            _check_linear(node, told, widths.get(node.input[0]))
    return f"{n_trees:,} trees, each of which ends." if n_trees else "It has no trees."


def _widths(model: ModelProto) -> dict[str, int]:
    """Tell how many columns each value has, where that can be told."""
    inferred = shape_inference.infer_shapes(model)
    graph = inferred.graph
    found = {}
    for end in (*graph.input, *graph.value_info, *graph.output):
        dims = end.type.tensor_type.shape.dim
        if len(dims) == 2 and dims[1].HasField("dim_value"):
            found[end.name] = dims[1].dim_value
    return found


def _width(node: NodeProto, width: int | None) -> int:
    if width is None:
        raise Failed(f"How many columns {node.op_type} is given cannot be told.")
    return width


def _check_columns(node: NodeProto, told: Mapping[str, Any], width: int | None) -> None:
    for name in _BY_COLUMN[node.op_type]:
        n = len(told.get(name, ()))
        if n not in {0, 1, _width(node, width)}:
            raise Failed(f"{node.op_type} has {n:,} values for {width} columns.")


def _check_linear(node: NodeProto, told: Mapping[str, Any], width: int | None) -> None:
    n = len(told.get("coefficients", ()))
    if node.op_type == "LinearRegressor":
        lines = int(told.get("targets", 1))
    else:
        lines = len(told.get("intercepts", ())) or 1
    if not n or n != lines * _width(node, width):
        raise Failed(f"{node.op_type} has {n:,} coefficients for {width} columns.")


def _trees(node: NodeProto, told: Mapping[str, Any], width: int | None) -> int:
    """Check one ensemble; it tells how many trees it has."""
    if any(name.endswith("_as_tensor") for name in told):
        raise Failed(f"{node.op_type} has its values in tensors; convert it to float.")
    counts = {len(told.get(name, ())) for name in _NODES}
    if len(counts) != 1 or counts == {0}:
        raise Failed(f"{node.op_type} says not the same of each of its nodes.")
    ints = {
        name: np.asarray(told[name], dtype=np.int64)
        for name in _NODES
        if name.endswith("ids")
    }
    features = ints["nodes_featureids"]
    if features.min() < 0 or features.max() >= _width(node, width):
        raise Failed(
            f"A tree asks for feature {features.max()} of {width}, counted from 0."
        )
    _check_leaves(node, told, ints)
    inner = np.array([mode != b"LEAF" for mode in told["nodes_modes"]])
    return _check_ways(ints, inner)


def _check_leaves(node: NodeProto, told: Mapping[str, Any], ints: Any) -> None:
    kind = "class" if node.op_type == "TreeEnsembleClassifier" else "target"
    labels = len(told.get("classlabels_int64s", ())) or len(
        told.get("classlabels_strings", ())
    )
    most = labels if kind == "class" else int(told.get("n_targets", 0))
    parts = [told.get(f"{kind}_{part}", ()) for part in ("ids", "treeids", "nodeids")]
    weights = told.get(f"{kind}_weights", ())
    if len({len(weights), *map(len, parts)}) != 1 or not len(weights):
        raise Failed(f"{node.op_type} says not the same of each of its leaves.")
    which, trees, nodes = (np.asarray(part, dtype=np.int64) for part in parts)
    if not 0 < most <= 1000 or which.min() < 0 or which.max() >= most:
        raise Failed(f"A leaf votes for {which.max()} of {most}, counted from 0.")
    known = set(
        zip(ints["nodes_treeids"].tolist(), ints["nodes_nodeids"].tolist(), strict=True)
    )
    if not known.issuperset(zip(trees.tolist(), nodes.tolist(), strict=True)):
        raise Failed("A leaf that votes is in no tree.")
    bases = len(told.get("base_values", ()))
    if bases not in {0, 1, most}:
        raise Failed(f"{node.op_type} begins with {bases} values for {most}.")


def _check_ways(ints: Mapping[str, _Ints], inner: NDArray[np.bool_]) -> int:
    """Walk all trees at once, level by level, from their roots."""
    trees, nodes = ints["nodes_treeids"], ints["nodes_nodeids"]
    place = {
        key: n for n, key in enumerate(zip(trees.tolist(), nodes.tolist(), strict=True))
    }
    if len(place) != len(trees):
        raise Failed("A tree has one node twice.")
    branches = np.flatnonzero(inner)
    ways = [_places(place, trees, ints[f"nodes_{way}nodeids"], branches) for way in (
        "true", "false",
    )]  # fmt: skip
    children = np.concatenate(ways) if len(branches) else np.empty(0, dtype=np.int64)
    if len(np.unique(children)) != len(children):
        raise Failed("A node of a tree is reached by two ways.")
    roots = np.setdiff1d(np.arange(len(trees)), children)
    n_trees = len(np.unique(trees))
    if len(roots) != n_trees:
        raise Failed("A tree goes round, or has not one root.")
    below = np.full((2, len(trees)), -1)
    below[:, branches] = ways
    level, seen = roots, 0
    for _ in range(DEEPEST):
        seen += len(level)
        level = below[:, level].ravel()
        level = level[level >= 0]
        if not len(level):
            break
    if seen != len(trees):
        raise Failed(f"A tree goes round, or is deeper than {DEEPEST}.")
    return n_trees


def _places(
    place: Mapping[tuple[int, int], int], trees: _Ints, to: _Ints, branches: _Ints
) -> _Ints:
    keys = zip(trees[branches].tolist(), to[branches].tolist(), strict=True)
    try:
        return np.array([place[key] for key in keys], dtype=np.int64)
    except KeyError as error:
        raise Failed("A tree leads to a node that is not there.") from error
