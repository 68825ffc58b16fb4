"""Whichever table the site writes, a spreadsheet runs nothing of it."""

import pytest

from monitor import export
from pulsar_ml import safe_csv

BEGINNINGS = [
    "=",
    "+",
    "-",
    "@",
    "＝",
    "＋",
    "－",
    "＠",
    "\t",
    "\r",
    "\n",
    " =",
    "\n\n@",
]


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_a_formula_is_text_in_the_tables_of_every_app(beginning):
    text = f"{beginning}SUM(1)"

    assert (export.safe(text), safe_csv.safe(text)) == (f"'{text}", f"'{text}")


@pytest.mark.parametrize("text", ["-1.5", "+2", "1e-3", "J1721-2457", "", "a=b", " x"])
def test_numbers_and_names_stay_as_they_are(text):
    assert (export.safe(text), safe_csv.safe(text)) == (text, text)
