"""The protocol's extension by which tensors follow the JSON as they lie in memory."""

import json
from typing import Any

import numpy as np

from pulsar_ml.errors import BadInput
from pulsar_ml.features import FEATURES
from showroom.predictions.usable import must_be_few

# How many bytes of the body are JSON.
HEADER = "Inference-Header-Content-Length"
_TYPES: dict[str, np.dtype[Any]] = {
    "BOOL": np.dtype("?"),
    **{f"INT{bits}": np.dtype(f"<i{bits // 8}") for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}": np.dtype(f"<u{bits // 8}") for bits in (8, 16, 32, 64)},
    **{f"FP{bits}": np.dtype(f"<f{bits // 8}") for bits in (16, 32, 64)},
}


def joined(body: bytes, length: str) -> object:
    """The JSON, with what follows it in its place, as numbers."""
    if not (length.isascii() and length.isdecimal()) or int(length) > len(body):
        raise BadInput(f"{HEADER} does not fit the body.")
    call, rest = json.loads(body[: int(length)]), body[int(length) :]
    for tensor in _inputs(call):
        if (size := _size(tensor)) is not None:
            tensor["data"] = _numbers(tensor, rest[:size], size)
            rest = rest[size:]
    if rest:
        raise BadInput(f"{len(rest):,} bytes of the body belong to no input.")
    return call


def _inputs(call: object) -> list[dict[str, Any]]:
    given = call.get("inputs") if isinstance(call, dict) else None
    # To more of them than there are features nothing is given, and they are refused.
    every = given[: len(FEATURES)] if isinstance(given, list) else []
    return [tensor for tensor in every if isinstance(tensor, dict)]


def _size(tensor: dict[str, Any]) -> int | None:
    given = tensor.get("parameters")
    size = given.get("binary_data_size") if isinstance(given, dict) else None
    return size if isinstance(size, int) and size >= 0 else None


def _numbers(tensor: dict[str, Any], raw: bytes, size: int) -> list[Any]:
    named = str(tensor.get("datatype"))
    kind = _TYPES.get(named)
    if kind is None:
        raise BadInput(f"{named!r} holds no numbers; these do: {', '.join(_TYPES)}.")
    if len(raw) != size or size % kind.itemsize:
        raise BadInput(f"Input {tensor.get('name')!r}: {size:,} bytes do not fit.")
    # Of a byte in memory a list makes eight.
    must_be_few(size // kind.itemsize // len(FEATURES))
    numbers: list[Any] = np.frombuffer(raw, kind).tolist()
    return numbers
