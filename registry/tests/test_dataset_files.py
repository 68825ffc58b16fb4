"""The files of a dataset."""

import csv
import json
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest

from pulsar_ml.datasets import store
from pulsar_ml.tests import simulated
from registry.models import Dataset
from registry.tests import made

pytestmark = pytest.mark.django_db
TABLE = replace(
    simulated.table(40),
    names=np.array(["=1+1", *(f"cand {n}" for n in range(39))]),
    observed={
        "dm": np.append(np.nan, np.arange(39) / 3),
        "survey": np.array(["HTRU", "-SMART"] * 20, dtype=object),
    },
)


@pytest.fixture
def dataset(storage) -> Dataset:
    return made.dataset(TABLE)


@pytest.fixture
def get(client, person, dataset):
    client.force_login(person("researcher"))
    return lambda file: client.get(f"{dataset.get_absolute_url()}{file}")


def body(response):
    return b"".join(response.streaming_content)


def test_the_parquet_file_is_the_one_that_is_stored(get, dataset):
    response = get("rows.parquet")
    assert body(response) == (dataset.folder / store.ROWS).read_bytes()
    assert (
        response["Content-Disposition"]
        == 'attachment; filename="dataset-1-rows.parquet"'
    )


def test_the_csv_has_every_row_and_no_formula(get, dataset):
    response = get("rows.csv")
    head, *rows = csv.reader(StringIO(body(response).decode()))
    assert head == [column["name"] for column in dataset.columns]
    assert len(rows) == 40
    cells = dict(zip(head, zip(*rows, strict=True), strict=True))
    assert cells["name"][:2] == ("'=1+1", "cand 0")
    assert cells["survey"][:2] == ("HTRU", "'-SMART")
    # What is missing is empty, and a number can be read back to its last digit.
    assert [float(value) if value else None for value in cells["dm"]] == [
        None,
        *TABLE.observed["dm"][1:],
    ]
    for place, name in enumerate(store.FEATURES):
        assert [float(v) for v in cells[name]] == TABLE.features[:, place].tolist()
    assert cells["label"] == tuple(str(label) for label in TABLE.labels)


def test_the_dictionary_explains_each_column(get, dataset):
    told = json.loads(get("dictionary.json").content)
    assert told == {
        "dataset": 1,
        "name": "simulated.csv",
        "sha256": dataset.sha256,
        "rows": 40,
        "pulsars": 4,
        "recipe": {},
        "columns": [column._asdict() for column in store.dictionary(TABLE)],
    }


@pytest.mark.parametrize("file", ["rows.arff", "describe.json", "..%2Frows.parquet"])
def test_there_are_no_other_files(get, file):
    assert get(file).status_code == 404


@pytest.mark.parametrize("file", ["rows.parquet", "rows.csv"])
def test_rows_that_are_gone_are_404(get, dataset, file):
    (dataset.folder / store.ROWS).unlink()
    assert get(file).status_code == 404


def test_files_are_for_those_who_may_see_the_dataset(
    client, django_user_model, dataset
):
    client.force_login(django_user_model.objects.create_user("guest"))
    response = client.get(f"{dataset.get_absolute_url()}rows.csv")
    assert response.status_code == 403
