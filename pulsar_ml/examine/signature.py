"""What a model is given and gives: eight features in, one probability out."""

from onnx import ModelProto, TensorProto, ValueInfoProto  # noqa: TID253

from pulsar_ml.examine.finding import Failed
from pulsar_ml.features import FEATURES

_SHOWN = 4


def signature(model: ModelProto) -> str:
    """Check the one input and the one output.

    Parameters
    ----------
    model : ModelProto
        The model.

    Returns
    -------
    str
        Both.

    Raises
    ------
    Failed
        If they are others; it says which were found.
    """
    given = {tensor.name for tensor in model.graph.initializer}
    inputs = [end for end in model.graph.input if end.name not in given]
    if len(inputs) != len(model.graph.input):
        raise Failed("One of its inputs has a value already; leave it out.")
    for ends, name, width in (
        (inputs, "features", len(FEATURES)),
        (list(model.graph.output), "probability", 1),
    ):
        if [_told(end) for end in ends] != [_wanted(name, width)]:
            found = ", ".join(_told(end) for end in ends[:_SHOWN]) or "nothing"
            what = "input" if name == "features" else "output"
            raise Failed(f"Its {what} is to be {_wanted(name, width)}; it is {found}.")
    return "features, float32 [N, 8], in; probability, float32 [N, 1], out."


def _wanted(name: str, width: int) -> str:
    return f"{name} float32 [N, {width}]"


def _told(end: ValueInfoProto) -> str:
    kind = end.type.WhichOneof("value") or "no type"
    if kind != "tensor_type":
        return f"{end.name[:40]} {kind.removesuffix('_type')}"
    tensor = end.type.tensor_type
    code = tensor.elem_type
    is_known = code in TensorProto.DataType.values()
    name = TensorProto.DataType.Name(code).lower() if is_known else f"kind {code}"
    name = "float32" if name == "float" else name
    if not tensor.HasField("shape"):
        return f"{end.name[:40]} {name} of any shape"
    sizes = [
        str(dim.dim_value) if dim.HasField("dim_value") else "N"
        for dim in tensor.shape.dim[: _SHOWN * 2]
    ]
    # What a name says of the width is nothing; what it says of the rows is enough.
    return f"{end.name[:40]} {name} [{', '.join(sizes)}]"
