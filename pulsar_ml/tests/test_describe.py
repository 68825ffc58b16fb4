"""What is counted of a dataset when it is made."""

import json
from dataclasses import replace

import numpy as np
import pytest

from pulsar_ml.datasets import columns, describe
from pulsar_ml.datasets.histogram import histogram
from pulsar_ml.features import FEATURES
from pulsar_ml.tests import simulated

NAN = float("nan")


def observed(table, **values):
    arrays = {
        name: np.array(of, dtype=object if name == "survey" else float)
        for name, of in values.items()
    }
    return replace(table, observed=arrays)


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    return observed(
        simulated.table(2000),
        beam=np.arange(2000) % 13 + 1,
        period=np.where(np.arange(2000) % 4, 10 ** rng.uniform(-3, 1, 2000), NAN),
        survey=["HTRU" if row % 2 else "" for row in range(2000)],
    )


def test_counts_are_those_of_the_rows(table):
    told = describe.describe(table)
    learned = ~table.holdout
    assert {key: told[key] for key in ("rows", "pulsars", "holdout", "weights")} == {
        "rows": 2000,
        "pulsars": 200,
        "holdout": {
            "rows": int(table.holdout.sum()),
            "pulsars": int(table.labels[table.holdout].sum()),
        },
        "weights": {"0": [1.0, 1.0], "1": [1.0, 1.0]},
    }
    assert learned.any()
    assert told["pointings"] == {
        "rows": 2000,
        "different": len(set(table.pointings)),
        "first": min(table.pointings),
        "last": max(table.pointings),
    }
    assert told["difference"] is None


def test_rows_are_counted_by_year_and_by_each_category(table):
    told = describe.describe(table)
    years = {each["value"]: each["rows"] for each in told["years"]}
    assert list(years) == ["2008", "2009", "2010"]
    assert sum(years.values()) == 2000
    assert sum(each["pulsars"] for each in told["years"]) == 200
    beam, survey = told["categories"]
    assert [each["value"] for each in beam["values"]] == [str(n) for n in range(1, 14)]
    assert sum(each["rows"] for each in beam["values"]) == 2000
    assert survey == {
        "name": "survey",
        "missing": {"rows": 1000, "pulsars": 200},
        "values": [{"value": "HTRU", "rows": 1000, "pulsars": 0}],
    }


def test_a_beam_is_a_category_and_a_period_is_a_number(table):
    assert columns.categories(table) == ["beam", "survey"]
    assert columns.numeric(table) == [*FEATURES, "period"]


def test_every_value_is_in_its_histogram(table):
    told = describe.describe(table)
    for column in told["columns"]:
        counted = sum(map(sum, column["counts"].values()))
        assert counted + column["beyond"] + column["missing"] == 2000, column["name"]
        assert sum(column["counts"]["1"]) <= 200
        assert column["edges"] == sorted(column["edges"])
    period = told["columns"][-1]
    assert (period["scale"], period["missing"]) == ("log", 500)
    assert told["columns"][3]["scale"] == "asinh"  # a kurtosis


def test_what_lies_far_out_squeezes_nothing():
    values = np.append(np.linspace(0, 1, 999), 1e6)
    told = histogram("snr", values, np.zeros(1000, dtype=np.int8))
    assert (told["beyond"], told["high"]) == (1, 1e6)
    assert told["edges"][-1] < 3
    assert sum(told["counts"]["0"]) == 999


def test_a_column_of_one_value_or_of_none_is_told_too():
    labels = np.array([0, 1], dtype=np.int8)
    one = histogram("dm", np.array([5.0, 5.0]), labels)
    assert one["edges"][0] < 5 < one["edges"][-1]
    assert (sum(one["counts"]["0"]), sum(one["counts"]["1"])) == (1, 1)
    none = histogram("dm", np.array([NAN, NAN]), labels)
    assert (none["missing"], none["edges"], none["low"]) == (2, [], None)


def test_correlations_are_those_of_rows_that_have_both(table):
    told = describe.describe(table)["correlations"]
    assert told["names"] == [*FEATURES, "period"]
    names = told["names"]
    known = ~np.isnan(table.observed["period"])
    for method in ("spearman", "pearson"):
        matrix = np.array(told[method])
        assert (matrix == matrix.T).all()
        assert (np.diag(matrix) == 1).all()
    row, period = table.features[known, 4], table.observed["period"][known]
    linear = np.corrcoef(row, period)[0, 1]
    assert told["pearson"][names.index("dm_mean")][-1] == round(linear, 4)
    ranks = [values.argsort().argsort() for values in (row, period)]
    by_rank = np.corrcoef(*ranks)[0, 1]
    assert told["spearman"][names.index("dm_mean")][-1] == round(by_rank, 4)


def test_a_sample_is_the_same_whatever_the_order_of_the_rows(monkeypatch, table):
    monkeypatch.setattr(describe, "MOST_POINTS", 50)
    points = describe.describe(table)["points"]
    assert (points["label"].count(0), points["label"].count(1)) == (50, 50)
    chosen = {table.hashes[row - 1] for row in points["row"]}
    turned = table.take(np.arange(len(table))[::-1])
    again = describe.describe(turned)["points"]
    assert {turned.hashes[row - 1] for row in again["row"]} == chosen
    at = points["row"][7] - 1
    assert points["columns"]["dm_mean"][7] == pytest.approx(
        table.features[at, 4], rel=1e-5
    )


def test_the_description_is_kept_as_json_that_any_reader_takes(tmp_path, table):
    describe.write(tmp_path, table, table)
    text = (tmp_path / describe.SUMMARY).read_text()
    assert json.loads(text) == describe.describe(table, table)
    assert "NaN" not in text


def test_a_table_without_pulsars_can_be_described():
    table = simulated.table(40, pointings=False)
    others = table.take(table.labels == 0)
    told = describe.describe(others)
    assert (told["pulsars"], told["years"]) == (0, [])
    assert told["pointings"] == {"rows": 0, "different": 0, "first": "", "last": ""}
    assert list(told["weights"]) == ["0"]
