"""MLflow's scoring servers: what their clients send, and what they are told."""

import json
import re
from pathlib import Path

import pytest
from django.test import Client

from pulsar_ml.errors import BadInput
from pulsar_ml.features import FEATURES
from showroom.models import Batch, Prediction
from showroom.predictions.usable import usable
from showroom.protocols.frames import rows_of, rows_of_csv

pytestmark = pytest.mark.django_db
BODIES = Path(__file__).parent / "bodies"
ROW = json.loads((BODIES / "mlflow-instances.json").read_text())["instances"][0]
NAMED = dict(zip(FEATURES, ROW, strict=True))
LINE = "1,2,3,4,5,6,7,8\n"


@pytest.fixture
def invoke(caller, champion):
    program = caller("researcher", "ana")

    def ask(body, kind="application/json"):
        return program.post("/invocations", body, content_type=kind)

    return ask


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("mlflow-split.json", "application/json"),
        ("mlflow-records.json", "application/json; charset=utf-8"),
        ("mlflow-instances.json", "application/json"),
        ("mlflow-inputs.json", "application/json"),
        ("mlflow-inputs-array.json", "application/json"),
        ("mlflow.csv", "text/csv"),
    ],
)
def test_what_clients_send_is_understood_and_kept(invoke, champion, name, kind):
    response = invoke((BODIES / name).read_text(), kind)

    first, second = cases = list(Prediction.objects.order_by("row"))
    assert first.features == NAMED
    assert (first.predicted, second.predicted) == (False, True)
    assert (response.status_code, response.json()) == (
        200,
        {
            "predictions": [
                {
                    "id": str(case),
                    "probability": case.probability,
                    "predicted": int(case.predicted),
                    "warnings": list(filter(None, case.warnings.split(";"))),
                }
                for case in cases
            ],
            "model": "pulsar",
            "model_version": str(champion.number),
            "batch": Batch.objects.get().pk,
        },
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], "Send one of dataframe_split, dataframe_records, instances, inputs."),
        (
            {"inputs": [ROW], "instances": [ROW]},
            "Send one of dataframe_split, dataframe_records, instances, inputs.",
        ),
        ({"inputs": [ROW], "signature": "x"}, "signature: this is not known here."),
        ({"inputs": [ROW], "params": {"a": 1}}, "params: this model takes none."),
        ({"inputs": []}, "There is no row to classify."),
        ({"inputs": {}}, f"There is no {', '.join(FEATURES)}."),
        (
            {"inputs": dict.fromkeys(FEATURES, 1)},
            "inputs: each column is to be a list.",
        ),
        (
            {"inputs": {name: [1] * n for n, name in enumerate(FEATURES)}},
            "inputs: the columns are not of one length.",
        ),
        ({"instances": [ROW[:7]]}, "Row 1 has 7 values, not 8."),
        ({"instances": [[*ROW[:7], "1"]]}, "Row 1 has a value that is no number."),
        ({"instances": [[*ROW[:7], 10**400]]}, "A value is too large."),
        (
            {"instances": [[*ROW[:7], None]]},
            "Row 1 is of no use: dm_exkurt is missing.",
        ),
        ({"instances": 3}, "A list of rows is wanted, each a list of values."),
        (
            {"instances": [NAMED, 3]},
            "Each row is to be an object, of names and values.",
        ),
        ({"dataframe_records": 3}, "A list of rows is wanted."),
        (
            {"dataframe_split": []},
            "dataframe_split: an object with columns and data is wanted.",
        ),
        (
            {"dataframe_split": {"columns": 3, "data": [ROW]}},
            "dataframe_split: columns is no list of names.",
        ),
        (
            {"dataframe_split": {"columns": [*FEATURES], "data": [ROW[:7]]}},
            "dataframe_split: a row has not as many values as columns.",
        ),
        (
            {"dataframe_split": {"columns": [*FEATURES[:7]], "data": [ROW[:7]]}},
            "There is no dm_exkurt.",
        ),
    ],
)
def test_a_body_that_cannot_be_is_refused_with_words(body, words):
    with pytest.raises(BadInput, match=f"^{re.escape(words)}$"):
        usable(rows_of(body))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\n", f"There is no {', '.join(FEATURES)}."),
        (
            f"{','.join(FEATURES)}\n1,2".encode(),
            "Row 1 is of no use: prof_skew is missing.",
        ),
        (
            f"{','.join(FEATURES)}\na,2,3,4,5,6,7,8".encode(),
            "The body is no CSV of numbers: ",
        ),
        (b"\xff", "The body is no CSV of numbers: "),
    ],
)
def test_a_table_that_cannot_be_is_refused_with_words(content, words):
    with pytest.raises(BadInput, match=re.escape(words)):
        usable(rows_of_csv(content))


@pytest.mark.parametrize(
    "rows",
    [
        lambda n: rows_of_csv(f"{','.join(FEATURES)}{chr(10)}{LINE * n}".encode()),
        lambda n: rows_of({"instances": [ROW] * n}),
        lambda n: rows_of({"dataframe_records": [NAMED] * n}),
        lambda n: rows_of({"inputs": {name: [1] * n for name in FEATURES}}),
        lambda n: rows_of({"dataframe_split": {"data": [ROW] * n}}),
    ],
    ids=["csv", "instances", "records", "columns", "split"],
)
def test_of_too_many_rows_no_more_are_read_than_show_it(rows):
    found = rows(12_000)

    assert len(found) == 10_001
    with pytest.raises(BadInput, match="One call takes at most 10,000 rows"):
        usable(found)


def test_what_was_refused_is_one_sentence_and_nothing_is_kept(invoke):
    answers = [
        invoke("nothing"),
        invoke("a,b\n1,2", "text/csv"),
        invoke("a=b", "application/x-www-form-urlencoded"),
    ]
    assert [(answer.status_code, answer.json()["error"]) for answer in answers] == [
        (400, "The body is no JSON."),
        (400, f"There is no {', '.join(FEATURES)}."),
        (415, "Send application/json or text/csv."),
    ]
    assert not Prediction.objects.exists()


def test_columns_that_play_no_part_are_left_out():
    columns = ["name", *FEATURES]
    body = {"dataframe_split": {"columns": columns, "data": [["J1", *ROW]]}}

    assert rows_of(body).tolist() == [ROW]


def test_without_room_many_rows_are_not_taken(invoke, reconfigured):
    reconfigured("storage", reserve_bytes=2**62)
    answer = invoke({"instances": [ROW] * 101})

    assert (answer.status_code, answer.json()["error"][:18]) == (
        507,
        "The disk is full: ",
    )
    assert not Batch.objects.exists()


def test_a_stranger_is_asked_for_a_token():
    answer = Client(enforce_csrf_checks=True).post("/invocations")
    assert answer.status_code == 401
    assert answer.json() == {"error": "Send a token: Authorization: Bearer ..."}
