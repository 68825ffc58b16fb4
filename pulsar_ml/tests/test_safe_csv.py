"""Cells that no spreadsheet runs."""

import csv
import io

import numpy as np
import pandas as pd  # noqa: TID253  # a test may take its time
import pytest

from pulsar_ml.safe_csv import safe, write_frame


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+cmd", "-2+3", "@SUM(A1)", "-", "+", "-inf"),
        *("\t=1", "\r=1", "-1\n", "\n=1", "\n", " =1", "\u00a0@x", "\u3000-1"),
        *("＝1+1", "＋1", "－x", "＠SUM(1)"),
    ],
)
def test_a_formula_gets_an_apostrophe(text):
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize(
    "value",
    ["-12.5", "+1e-3", "-1,5", "J1721-2457", "", "a=b", " x", "x\n=1", -1.5, None, 0],
)
def test_everything_else_stays_as_it_is(value):
    assert safe(value) is value


def test_a_table_comes_back_from_its_csv():
    frame = pd.DataFrame(
        {
            "name": pd.Series(['a "b"', "x,\ny", None], dtype=object),
            "double": [0.1, 1e300, 1 / 3],
            "single": np.array([0.1, 1e-20, 1], dtype=np.float32),
            "whole": np.array([0, 1, 1], dtype=np.int8),
        }
    )
    text = io.StringIO()
    write_frame(text, frame)

    assert list(csv.reader(io.StringIO(text.getvalue(), newline=""))) == [
        ['a "b"', "0.1", "0.1", "0"],
        ["x,\ny", "1e+300", "1e-20", "1"],
        ["", "0.3333333333333333", "1.0", "1"],
    ]
