"""The graph of a model as a library reads it: nothing nested, nothing round."""

from collections.abc import Iterator, Set

from google.protobuf.message import (  # type: ignore[import-untyped]
    DecodeError,
)
from onnx import AttributeProto, ModelProto, NodeProto  # noqa: TID253

from pulsar_ml.examine.finding import Failed
from pulsar_ml.examine.operators import (
    ALLOWED,
    FIXED,
    IR_VERSIONS,
    OPSETS,
    domain,
)

MOST_NODES = 5_000
# What onnxruntime itself would take for orders: in the metadata of a model.
_ORDERS = ("ort_config", "session.", "ep_context")
_MOST_TEXT = 1_000_000
_SHOWN = 5


def parse(raw: bytes) -> ModelProto:
    """Read a model, all of which must be ONNX.

    Parameters
    ----------
    raw : bytes
        The file.

    Returns
    -------
    ModelProto
        As it is written.

    Raises
    ------
    Failed
        If it is broken, or holds what ONNX has no name for.
    """
    try:
        model: ModelProto = ModelProto.FromString(raw)
    except DecodeError as error:
        raise Failed(
            "It cannot be read as ONNX: cut off, broken, or nested too deeply."
        ) from error
    before = model.ByteSize()
    model.DiscardUnknownFields()
    if unknown := before - model.ByteSize():
        raise Failed(f"It holds {unknown:,} bytes that ONNX has no name for.")
    if not model.graph.node:
        raise Failed("Its graph is empty.")
    if len(model.graph.node) > MOST_NODES:
        nodes = len(model.graph.node)
        raise Failed(f"It has {nodes:,} nodes; at most {MOST_NODES:,} are taken.")
    return model


def versions(model: ModelProto) -> str:
    """Check how new the format and the operators are.

    Parameters
    ----------
    model : ModelProto
        The model.

    Returns
    -------
    str
        The versions.

    Raises
    ------
    Failed
        If one is not among those that are taken, or a domain is foreign.
    """
    if model.ir_version not in IR_VERSIONS:
        raise Failed(f"It has IR version {model.ir_version}; {_range(IR_VERSIONS)}.")
    known: dict[str, int] = {}
    for opset in model.opset_import:
        name = domain(opset.domain)
        if name not in OPSETS:
            raise Failed(
                f"It needs operators of the domain {name[:80]!r}; only those of ai.onnx"
                " and ai.onnx.ml are taken."
            )
        if known.get(name, opset.version) != opset.version:
            raise Failed(f"It names two opsets of {name or 'ai.onnx'}.")
        if opset.version not in OPSETS[name]:
            raise Failed(
                f"It has opset {opset.version} of {name or 'ai.onnx'};"
                f" {_range(OPSETS[name])}. Say target_opset when you convert it."
            )
        known[name] = opset.version
    told = ", ".join(f"{name or 'ai.onnx'} {known[name]}" for name in sorted(known))
    return f"IR version {model.ir_version}, {told}."


def operators(model: ModelProto) -> str:
    """Check that there is nothing but plain operators.

    Parameters
    ----------
    model : ModelProto
        The model.

    Returns
    -------
    str
        How many, and which.

    Raises
    ------
    Failed
        If one is not allowed, or there is anything that could repeat.
    """
    if model.functions or model.training_info or model.graph.sparse_initializer:
        raise Failed("It has functions, training or sparse tensors of its own.")
    if model.graph.quantization_annotation or getattr(model, "configuration", ()):
        raise Failed("It has notes for other devices, which are not taken.")
    refused = {_name(node) for node in model.graph.node if not _is_allowed(node)}
    if refused:
        names = ", ".join(sorted(refused)[:_SHOWN])
        raise Failed(
            f"It uses {names}; these operators are not taken. What trees, linear models"
            " and plain networks need is."
        )
    for node in model.graph.node:
        _check_attributes(node)
    names = ", ".join(sorted({node.op_type for node in model.graph.node}))
    return f"{len(model.graph.node):,} nodes: {names}."


def order(model: ModelProto) -> str:
    """Check that each node needs only what stands before it, and sizes are fixed.

    Parameters
    ----------
    model : ModelProto
        The model.

    Returns
    -------
    str
        That it is so.

    Raises
    ------
    Failed
        If it goes round, names a thing twice, or makes tensors as large as rows say.
    """
    graph = model.graph
    fixed = {tensor.name for tensor in graph.initializer}
    if len(fixed) != len(graph.initializer):
        raise Failed("Two of its tensors have one name.")
    known = fixed | {end.name for end in graph.input}
    for node in graph.node:
        _check_node(node, known, fixed)
        known.update(filter(None, node.output))
        if node.op_type == "Constant":
            fixed.update(node.output)
    return "Each node needs only what stands before it."


def texts(model: ModelProto) -> str:
    """Check the texts in a model: none may be a path or an order.

    Parameters
    ----------
    model : ModelProto
        The model.

    Returns
    -------
    str
        That there is none.

    Raises
    ------
    Failed
        If there is one.
    """
    for entry in model.metadata_props:
        if entry.key.startswith(_ORDERS):
            raise Failed(f"Its metadata has {entry.key[:80]!r}, an order to a library.")
    size = 0
    for text in _texts(model):
        size += len(text)
        if b"/" in text or b"\\" in text or b".." in text:
            shown = text[:80].decode(errors="replace")
            raise Failed(f"It has the text {shown!r}, which looks like a path.")
    if size > _MOST_TEXT:
        raise Failed(f"It has {size:,} bytes of text; a score needs none.")
    return "No text in it is a path."


def _texts(model: ModelProto) -> Iterator[bytes]:
    for node in model.graph.node:
        for attribute in node.attribute:
            yield attribute.s
            yield from attribute.strings


def _is_allowed(node: NodeProto) -> bool:
    return node.op_type in ALLOWED.get(domain(node.domain), ())


def _name(node: NodeProto) -> str:
    return f"{node.domain[:40]}.{node.op_type[:40]}".strip(".")


def _check_attributes(node: NodeProto) -> None:
    nested = {
        AttributeProto.GRAPH: "a graph of its own",
        AttributeProto.GRAPHS: "graphs of its own",
        AttributeProto.SPARSE_TENSOR: "a sparse tensor",
        AttributeProto.SPARSE_TENSORS: "sparse tensors",
        AttributeProto.TYPE_PROTO: "a type",
        AttributeProto.TYPE_PROTOS: "types",
    }
    names = [attribute.name for attribute in node.attribute]
    if len(set(names)) != len(names) or node.overload:
        raise Failed(f"{_name(node)} is told one thing twice.")
    for attribute in node.attribute:
        held = nested.get(attribute.type, "")
        if attribute.HasField("g") or attribute.graphs or held:
            raise Failed(f"{_name(node)} has {held or 'a graph of its own'}.")
        if attribute.ref_attr_name:
            raise Failed(f"{_name(node)} refers to a function, and there is none.")


def _check_node(node: NodeProto, known: Set[str], fixed: Set[str]) -> None:
    for name in filter(None, node.input):
        if name not in known:
            raise Failed(
                f"{_name(node)} needs {name[:80]!r}, which nothing before it gives: the"
                " graph goes round, or is broken."
            )
    if twice := known & set(filter(None, node.output)):
        raise Failed(f"{min(twice)[:80]!r} is given twice.")
    for place in FIXED.get(node.op_type, ()):
        if place < len(node.input) and node.input[place] not in fixed | {""}:
            raise Failed(
                f"{_name(node)} makes a tensor as large as a row says; that must stand"
                " in the file."
            )


def _range(allowed: range) -> str:
    return f"{allowed[0]} to {allowed[-1]} are taken"
