"""Tensors of the Open Inference Protocol as rows, and answers as tensors."""

from collections.abc import Sequence
from itertools import chain
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, ValidationError

from pulsar_ml.errors import BadInput
from pulsar_ml.features import FEATURES
from showroom.predictions.answer import Answer

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
        flat = _flat(self.data)
        if any(side < 0 for side in self.shape) or prod(self.shape) != len(flat):
            n = len(flat)
            raise self._bad(f"{n:,} values came, which shape {self.shape} has not")
        if not set(map(type, flat)) <= allowed:
            raise self._bad(f"some of its data are no {self.datatype}")
        limits = _INTEGERS.get(self.datatype)
        if limits and flat and not limits.min <= min(flat) <= max(flat) <= limits.max:
            raise self._bad(f"some of its data are beyond {self.datatype}")
        try:
            return np.array(flat, dtype=np.float64)
        except OverflowError as reason:
            raise self._bad("some of its data are too large") from reason

    def _bad(self, why: str) -> BadInput:
        return BadInput(f"Input {self.name!r}: {why}.")


class Requested(BaseModel):
    """An output that is wanted."""

    name: str


class Call(BaseModel):
    """A request for inference."""

    id: str | None = None
    inputs: list[Tensor] = Field(min_length=1)
    outputs: list[Requested] | None = None

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


class Output(NamedTuple):
    """One of what is answered."""

    name: str
    datatype: str
    values: list[Any]


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
        for name, datatype, _ in _outputs(None)
    ]


def outputs(answer: Answer, wanted: Sequence[Requested] | None) -> list[dict[str, Any]]:
    """What is answered; of these outputs alone, if any are named."""
    found = {output.name: output for output in _outputs(answer)}
    n = len(answer.predictions)
    names = [one.name for one in wanted] if wanted else list(found)
    return [
        {
            "name": name,
            "datatype": found[name].datatype,
            "shape": [n],
            "data": found[name].values,
        }
        for name in names
    ]


def must_be_known(wanted: Sequence[Requested] | None) -> None:
    """Refuse outputs that there are not, before anything is scored."""
    names = [output.name for output in _outputs(None)]
    for one in wanted or ():
        if one.name not in names:
            known = ", ".join(names)
            raise BadInput(f"There is no output {one.name!r}; there are {known}.")


def _outputs(answer: Answer | None) -> list[Output]:
    told = answer.predictions if answer else []
    return [
        Output("probability", "FP32", [one.probability for one in told]),
        Output("predicted", "INT64", [one.predicted for one in told]),
        Output("id", "BYTES", [one.id for one in told]),
        Output("warnings", "BYTES", [";".join(one.warnings) for one in told]),
    ]


def _table(tensor: Tensor) -> NDArray[np.float64]:
    if len(tensor.shape) != 2 or tensor.shape[1] != len(FEATURES):
        raise BadInput(f"{_WANTED}; {tensor.name!r} is of shape {tensor.shape}.")
    return tensor.numbers().reshape(-1, len(FEATURES))


def _column(tensor: Tensor) -> NDArray[np.float64]:
    if len(tensor.shape) not in {1, 2} or tensor.shape[1:] not in ([], [1]):
        raise BadInput(f"{_WANTED}; {tensor.name!r} is of shape {tensor.shape}.")
    return tensor.numbers()


def _flat(data: list[Any]) -> list[Any]:
    while any(isinstance(one, list) for one in data):
        if not all(isinstance(one, list) for one in data):
            break  # which no type of number fits
        data = list(chain.from_iterable(data))
    return data
