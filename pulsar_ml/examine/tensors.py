"""The tensors in a model: each whole, in the file, and as large as it says."""

from collections.abc import Iterator, Mapping
from math import prod

from onnx import ModelProto, TensorProto  # noqa: TID253

from pulsar_ml.examine.finding import Failed

MOST_VALUES = 100_000_000
_MOST_AXES = 8
# By kind, bytes of a value in raw data, and where its values stand else.
_KINDS: Mapping[int, tuple[int, str]] = {
    TensorProto.FLOAT: (4, "float_data"),
    TensorProto.DOUBLE: (8, "double_data"),
    TensorProto.INT64: (8, "int64_data"),
    TensorProto.INT32: (4, "int32_data"),
    TensorProto.BOOL: (1, "int32_data"),
    TensorProto.UINT8: (1, "int32_data"),
    TensorProto.INT8: (1, "int32_data"),
    TensorProto.FLOAT16: (2, "int32_data"),
}


def external(model: ModelProto) -> str:
    """Check that no tensor stands in another file.

    Parameters
    ----------
    model : ModelProto
        The model.

    Returns
    -------
    str
        That none does.

    Raises
    ------
    Failed
        If one does; the other file is named, and never looked at.
    """
    for tensor in _tensors(model):
        if tensor.external_data or tensor.data_location != TensorProto.DEFAULT:
            said = {entry.key: entry.value for entry in tensor.external_data}
            where = said.get("location", "nowhere")[:80]
            raise Failed(
                f"Its tensor {tensor.name[:80]!r} stands in another file ({where!r})."
                " A model is one file: save it without external data."
            )
    return "All of it stands in this file."


def whole(model: ModelProto) -> str:
    """Check that each tensor has the values that its shape says.

    Parameters
    ----------
    model : ModelProto
        The model.

    Returns
    -------
    str
        How many values there are.

    Raises
    ------
    Failed
        If a shape is absurd or of other size, or a tensor holds text.
    """
    total = 0
    for tensor in _tensors(model):
        name = tensor.name[:80]
        if tensor.data_type == TensorProto.STRING or tensor.string_data:
            raise Failed(f"Its tensor {name!r} holds text; a score needs none.")
        if tensor.data_type not in _KINDS:
            raise Failed(f"Its tensor {name!r} is of a kind that is not taken.")
        total += _values(tensor)
        if total > MOST_VALUES:
            raise Failed(f"Its tensors have more than {MOST_VALUES:,} values.")
    return f"{total:,} values in tensors of their own."


def _values(tensor: TensorProto) -> int:
    dims, name = list(tensor.dims), tensor.name[:80]
    if len(dims) > _MOST_AXES or any(dim < 0 for dim in dims):
        raise Failed(f"Its tensor {name!r} has an absurd shape: {dims[:_MOST_AXES]}.")
    wanted: int = prod(dims)
    size, field = _KINDS[tensor.data_type]
    held = len(tensor.raw_data) / size if tensor.raw_data else len(_held(tensor, field))
    if held != wanted:
        raise Failed(
            f"Its tensor {name!r} should have {wanted:,} values by its shape, and has"
            f" {held:,g}."
        )
    return wanted


def _held(tensor: TensorProto, field: str) -> list[float]:
    held: list[float] = getattr(tensor, field)
    return held


def _tensors(model: ModelProto) -> Iterator[TensorProto]:
    yield from model.graph.initializer
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors
