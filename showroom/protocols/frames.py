"""Bodies of MLflow's scoring servers as rows of features."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.errors import BadInput
from pulsar_ml.features import FEATURES
from showroom.predictions.usable import MOST

# Of a call that brings more, no more is looked at: it is refused for so many.
_ENOUGH = MOST + 1
# Null is what a table has where a value is missing.
_NUMBERS = frozenset({int, float, type(None)})
_Rows = list[Sequence[Any]]


def rows_of(body: object) -> NDArray[np.float64]:
    """The rows of a JSON body, in whichever of the four ways it has them."""
    if not isinstance(body, dict) or len(found := _FORMS.keys() & body.keys()) != 1:
        raise BadInput(f"Send one of {', '.join(_FORMS)}.")
    (form,) = found
    if unknown := body.keys() - {form, "params"}:
        raise BadInput(f"{', '.join(sorted(unknown))}: this is not known here.")
    if body.get("params"):
        raise BadInput("params: this model takes none.")
    return _matrix(_FORMS[form](body[form]))


def rows_of_csv(content: bytes) -> NDArray[np.float64]:
    """The rows of a table with a header."""
    try:
        lines = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), strict=True)
        _must_have(lines.fieldnames or ())
        few = islice(lines, _ENOUGH)
        return _matrix([[_number(line[name]) for name in FEATURES] for line in few])
    except (ValueError, csv.Error) as error:
        raise BadInput(f"The body is no CSV of numbers: {error}.") from error


def _number(cell: str | None) -> float | None:
    return float(cell) if cell else None


def _split(frame: object) -> _Rows:
    if not isinstance(frame, dict):
        raise BadInput("dataframe_split: an object with columns and data is wanted.")
    rows = _lists(frame.get("data"))
    columns = frame.get("columns")
    if columns is None:
        return rows
    if not isinstance(columns, list):
        raise BadInput("dataframe_split: columns is no list of names.")
    _must_have(columns)
    places = [columns.index(name) for name in FEATURES]
    if any(len(row) != len(columns) for row in rows):
        raise BadInput("dataframe_split: a row has not as many values as columns.")
    return [[row[place] for place in places] for row in rows]


def _records(records: object) -> _Rows:
    if not isinstance(records, list):
        raise BadInput("A list of rows is wanted.")
    return [_record(record) for record in records[:_ENOUGH]]


def _record(record: object) -> Sequence[Any]:
    if not isinstance(record, dict):
        raise BadInput("Each row is to be an object, of names and values.")
    _must_have(record)
    return [record[name] for name in FEATURES]


def _instances(rows: object) -> _Rows:
    named = isinstance(rows, list) and rows and isinstance(rows[0], dict)
    return _records(rows) if named else _lists(rows)


def _inputs(columns: object) -> _Rows:
    if not isinstance(columns, dict):
        return _lists(columns)
    _must_have(columns)
    values = [columns[name] for name in FEATURES]
    if not all(isinstance(column, list) for column in values):
        raise BadInput("inputs: each column is to be a list.")
    if len(set(map(len, values))) > 1:
        raise BadInput("inputs: the columns are not of one length.")
    return list(islice(zip(*values, strict=True), _ENOUGH))


def _lists(rows: object) -> _Rows:
    few = rows[:_ENOUGH] if isinstance(rows, list) else None
    if few is None or not all(isinstance(row, list) for row in few):
        raise BadInput("A list of rows is wanted, each a list of values.")
    return few


def _must_have(names: Sequence[Any] | Mapping[str, Any]) -> None:
    if missing := [name for name in FEATURES if name not in names]:
        raise BadInput(f"There is no {', '.join(missing)}.")


def _matrix(rows: _Rows) -> NDArray[np.float64]:
    for number, row in enumerate(rows, 1):
        if len(row) != len(FEATURES):
            n = len(row)
            raise BadInput(f"Row {number} has {n} values, not {len(FEATURES)}.")
        if not set(map(type, row)) <= _NUMBERS:
            raise BadInput(f"Row {number} has a value that is no number.")
    try:
        return np.array(rows, dtype=np.float64).reshape(-1, len(FEATURES))
    except OverflowError as error:
        raise BadInput("A value is too large.") from error


_FORMS: dict[str, Callable[[object], _Rows]] = {
    "dataframe_split": _split,
    "dataframe_records": _records,
    "instances": _instances,
    "inputs": _inputs,
}
