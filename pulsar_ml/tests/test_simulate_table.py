"""A labelled table of simulated candidates."""

import csv

import numpy as np
import pytest

from pulsar_ml.__main__ import main
from pulsar_ml.datasets.intake import take_in
from pulsar_ml.evaluation.slices import slices
from pulsar_ml.features import FEATURES
from pulsar_ml.loader import Source
from pulsar_ml.serving import Scorer, shipped
from pulsar_ml.simulate import assorted
from pulsar_ml.simulation import table

pytestmark = pytest.mark.slow

COUNT = 25


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    out = tmp_path_factory.mktemp("simulated") / "made"
    options = ["--table", "--count", str(COUNT), "--seed", "3", "--out", str(out)]
    assert main(["simulate", *options]) == 0
    assert [made.name for made in out.iterdir()] == [table.NAME]
    return out / table.NAME


def read(path):
    return list(csv.DictReader(path.read_text().splitlines()))


def test_one_row_in_five_is_a_pulsar_and_says_what_was_found(path):
    rows = read(path)
    assert list(rows[0]) == list(table.COLUMNS)
    assert [row["class"] for row in rows] == ["1", "0", "0", "0", "0"] * 5
    assert {row["origin"] for row in rows} == {"pulsar", "interference", "noise"}
    assert rows[0]["name"] == "simulated-pulsar-3"
    assert [row["pointing_utc"] for row in rows[3:5]] == [
        "2008-01-01T00:00:00Z",
        "2008-01-02T11:00:00Z",
    ]
    pulsars = [row for row in rows if row["class"] == "1"]
    assert min(float(row["snr"]) for row in pulsars) > 6
    assert all(0.001 < float(row["period"]) < 20 for row in pulsars)


def test_the_same_seed_gives_the_same_table(path, tmp_path):
    again = table.write(tmp_path, assorted(3, seed=3))
    assert path.read_text().startswith(again.read_text())


def test_it_is_taken_in_as_labelled_rows_and_judged_in_parts(path):
    made = take_in(
        [Source(path, path.name)],
        name=path.name,
        refuse=lambda rejects: pytest.fail(str(rejects)) if rejects else None,
        seen=lambda _: None,
    )
    assert (len(made), made.pulsars) == (COUNT, 5)
    assert set(made.observed) == {"period", "dm", "snr", "origin"}
    rows = read(path)
    for column in ("period", "dm", "snr"):
        assert made.observed[column].tolist() == [float(row[column]) for row in rows]
    assert made.pointings.tolist() == [row["pointing_utc"] for row in rows]
    features = [[float(row[name]) for name in FEATURES] for row in rows]
    assert np.array_equal(made.features, features)
    scorer = Scorer(shipped()[1])
    parts = slices(made, scorer.score(made.features), scorer.threshold)
    # All of 2008: years tell nothing. And nothing can be said of so few rows.
    assert {part["column"] for part in parts} == set(made.observed)
    assert not any(part["enough"] for part in parts)
