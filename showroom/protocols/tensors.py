"""Tensors of the Open Inference Protocol as rows, and answers as tensors."""

from collections.abc import Sequence
from itertools import chain
from math import prod
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, ValidationError

from pulsar_ml.errors import BadInput
from pulsar_ml.features import FEATURES
from showroom.predictions.answer import Answer
from showroom.predictions.usable import must_be_few

_INTEGERS = {
    f"{sign}INT{bits}": np.iinfo(f"{sign.lower()}int{bits}")
    for sign in ("", "U")
    for bits in (8, 16, 32, 64)
}
_TYPES: dict[str, frozenset[type]] = {
    "BOOL": frozenset({bool}),
    **dict.fromkeys(_INTEGERS, frozenset({int})),
    # What is whole is often written so.
    **dict.fromkeys(("FP16", "FP32", "FP64"), frozenset({int, float})),
}
# What is answered, each with its datatype.
_OUTPUTS = {
    "probability": "FP32",
    "predicted": "INT64",
    "id": "BYTES",
    "warnings": "BYTES",
}
_WANTED = (
    f"Send the {len(FEATURES)} inputs {', '.join(FEATURES)}, each of shape [n], or one "
    f"input of shape [n, {len(FEATURES)}]"
)


class Tensor(BaseModel):
    """An input as it is sent; its data are in row-major order, nested or flat."""

    name: str
    shape: list[int]
    datatype: str
    data: list[Any]

    def numbers(self) -> NDArray[np.float64]:
        """The data, flat."""
        allowed = _TYPES.get(self.datatype)
        if allowed is None:
            kinds = ", ".join(_TYPES)
            raise self._bad(f"{self.datatype!r} holds no numbers; these do: {kinds}")
        flat = self._fitting()
        if not set(map(type, flat)) <= allowed:
            raise self._bad(f"some of its data are no {self.datatype}")
        limits = _INTEGERS.get(self.datatype)
        if limits and flat and not limits.min <= min(flat) <= max(flat) <= limits.max:
            raise self._bad(f"some of its data are beyond {self.datatype}")
        try:
            return np.array(flat, dtype=np.float64)
        except OverflowError as reason:
            raise self._bad("some of its data are too large") from reason

    def _fitting(self) -> list[Any]:
        """The data, flat, as many as the shape has."""
        n_wanted = prod(self.shape)
        # However they are nested, they have no more parts than values.
        is_too_long = len(self.data) > n_wanted
        found = self.data if is_too_long else _flat(self.data)
        if any(side < 0 for side in self.shape) or len(found) != n_wanted:
            n = len(found)
            raise self._bad(f"{n:,} values came, which shape {self.shape} has not")
        return found

    def _bad(self, why: str) -> BadInput:
        return BadInput(f"Input {self.name!r}: {why}.")


class Requested(BaseModel):
    """An output that is wanted."""

    name: str


class Call(BaseModel):
    """A request for inference."""

    id: str | None = None
    inputs: list[Tensor] = Field(min_length=1, max_length=len(FEATURES))
    outputs: Annotated[list[Requested], Field(max_length=len(_OUTPUTS))] | None = None

    def rows(self) -> NDArray[np.float64]:
        """The rows to be judged."""
        if len(self.inputs) == 1:
            return _table(self.inputs[0])
        named = {tensor.name: tensor for tensor in self.inputs}
        if set(named) != set(FEATURES) or len(named) != len(self.inputs):
            names = ", ".join(tensor.name for tensor in self.inputs)
            raise BadInput(f"{_WANTED}; these came: {names}.")
        columns = [_column(named[name]) for name in FEATURES]
        if len(set(map(len, columns))) > 1:
            raise BadInput("The inputs are not of one length.")
        return np.stack(columns, axis=1)


def call_of(body: object) -> Call:
    """A request, or in which place it is none."""
    try:
        return Call.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "The body"
        raise BadInput(f"{place}: {first['msg']}.") from error


def inputs() -> list[dict[str, object]]:
    """What is asked for, as the protocol describes it."""
    return [{"name": name, "datatype": "FP32", "shape": [-1]} for name in FEATURES]


def described() -> list[dict[str, object]]:
    """What is answered, as the protocol describes it."""
    return [
        {"name": name, "datatype": datatype, "shape": [-1]}
        for name, datatype in _OUTPUTS.items()
    ]


def outputs(answer: Answer, wanted: Sequence[Requested] | None) -> list[dict[str, Any]]:
    """What is answered; of these outputs alone, if any are named."""
    told = answer.predictions
    values: dict[str, list[Any]] = {
        "probability": [one.probability for one in told],
        "predicted": [one.predicted for one in told],
        "id": [one.id for one in told],
        "warnings": [";".join(one.warnings) for one in told],
    }
    names = [one.name for one in wanted] if wanted else list(_OUTPUTS)
    return [
        {
            "name": name,
            "datatype": _OUTPUTS[name],
            "shape": [len(told)],
            "data": values[name],
        }
        for name in names
    ]


def must_be_known(wanted: Sequence[Requested] | None) -> None:
    """Refuse outputs that there are not, or twice, before anything is scored."""
    names = [one.name for one in wanted or ()]
    for place, name in enumerate(names):
        if name not in _OUTPUTS:
            known = ", ".join(_OUTPUTS)
            raise BadInput(f"There is no output {name!r}; there are {known}.")
        if name in names[:place]:
            raise BadInput(f"Output {name!r} is asked for twice.")


def _table(tensor: Tensor) -> NDArray[np.float64]:
    if len(tensor.shape) != 2 or tensor.shape[1] != len(FEATURES):
        raise BadInput(f"{_WANTED}; {tensor.name!r} is of shape {tensor.shape}.")
    must_be_few(tensor.shape[0])
    return tensor.numbers().reshape(-1, len(FEATURES))


def _column(tensor: Tensor) -> NDArray[np.float64]:
    if len(tensor.shape) not in {1, 2} or tensor.shape[1:] not in ([], [1]):
        raise BadInput(f"{_WANTED}; {tensor.name!r} is of shape {tensor.shape}.")
    must_be_few(tensor.shape[0])
    return tensor.numbers()


def _flat(data: list[Any]) -> list[Any]:
    while any(isinstance(one, list) for one in data):
        if not all(isinstance(one, list) for one in data):
            break  # which no type of number fits
        data = list(chain.from_iterable(data))
    return data
