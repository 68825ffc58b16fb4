"""The Open Inference Protocol: what its clients send, and what they are told."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from pulsar_ml.errors import BadInput
from registry import serving
from registry.models import Version
from registry.move_alias import move_alias
from showroom.models import Batch, Prediction
from showroom.predictions.usable import usable
from showroom.protocols import tensors
from showroom.protocols.binary import joined
from showroom.protocols.tensors import call_of

pytestmark = pytest.mark.django_db
BODIES = Path(__file__).parent / "bodies"
MODEL = "/v2/models/pulsar"
ROW = json.loads((BODIES / "mlflow-instances.json").read_text())["instances"][0]


@pytest.fixture
def program(caller, champion):
    return caller("researcher", "ana")


@pytest.fixture
def infer(program):
    """Ask: infer(body), infer(body, "/v2/models/pulsar@challenger")."""

    def ask(body, where=MODEL, kind="application/json"):
        return program.post(f"{where}/infer", body, content_type=kind)

    return ask


def tensor(**changes):
    return {"name": "x", "shape": [1, 8], "datatype": "FP64", "data": ROW} | changes


def said(response):
    assert set(response.json()) == {"error"}
    return response.status_code, response.json()["error"]


@pytest.mark.parametrize(
    "name",
    [
        "tritonclient-table",
        "tritonclient-columns",
        "kserve-columns",
        "kserve-nested",
    ],
)
def test_what_clients_send_is_understood_and_kept(infer, champion, name):
    sent = json.loads((BODIES / f"{name}.json").read_text())
    # Few of them say of what kind it is.
    response = infer(json.dumps(sent), kind="application/octet-stream")

    told = response.json()
    batch = Batch.objects.get()
    assert response.status_code == 200
    assert told.get("id") == sent.get("id")
    assert (told["model_name"], told["model_version"]) == (
        "pulsar",
        str(champion.number),
    )
    assert told["parameters"] == {
        "batch": batch.pk,
        "threshold": serving.champion().scorer.threshold,
    }
    cases = list(Prediction.objects.order_by("row"))
    every = {
        "probability": ("FP32", [case.probability for case in cases]),
        "predicted": ("INT64", [0, 1]),
        "id": ("BYTES", [str(case) for case in cases]),
        "warnings": ("BYTES", [case.warnings for case in cases]),
    }
    wanted = [one["name"] for one in sent.get("outputs", [])] or list(every)
    assert told["outputs"] == [
        {"name": one, "datatype": every[one][0], "shape": [2], "data": every[one][1]}
        for one in wanted
    ]


def test_a_version_and_an_alias_may_be_named(infer, program, champion):
    other = Version.objects.exclude(pk=champion.pk).first()
    move_alias("challenger", other, expected=None, reason="try it")
    body = {"inputs": [tensor()]}

    for where, version in (
        (MODEL, champion),
        (f"{MODEL}@champion", champion),
        (f"{MODEL}@challenger", other),
        (f"{MODEL}@Staging", other),
        (f"{MODEL}/versions/{other.number}", other),
    ):
        assert infer(body, where).json()["model_version"] == str(version.number), where
        ready = program.get(f"{where}/ready")
        assert ready.json()["ready"], where


def test_the_metadata_name_what_is_asked_and_what_is_answered(program, champion):
    numbers = Version.objects.order_by("number").values_list("number", flat=True)
    told = program.get(MODEL).json()

    assert told["versions"] == [str(number) for number in numbers]
    assert [one["name"] for one in told["inputs"]][:2] == ["prof_mean", "prof_std"]
    assert told["inputs"][0] == {
        "name": "prof_mean",
        "datatype": "FP32",
        "shape": [-1],
    }
    assert [one["name"] for one in told["outputs"]] == [
        "probability",
        "predicted",
        "id",
        "warnings",
    ]
    one = program.get(f"{MODEL}/versions/{champion.number}").json()
    assert one["versions"] == [str(champion.number)]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("comet", "There is no version comet@champion."),
        ("pulsar@shadow", "There is no version pulsar@shadow."),
        ("pulsar/versions/9", "There is no version pulsar/9."),
        ("pulsar/versions/x", "'x' is no number of a version."),
        ("pulsar/versions/" + "9" * 30, f"There is no version pulsar/{'9' * 30}."),
    ],
)
def test_what_is_not_there_is_said_in_one_sentence(infer, program, name, words):
    body = {"inputs": [tensor()]}
    asked = [
        program.get(f"/v2/models/{name}"),
        program.get(f"/v2/models/{name}/ready"),
        infer(body, f"/v2/models/{name}"),
    ]
    assert [said(answer) for answer in asked] == [(404, words)] * 3


def test_what_may_not_answer_is_said_too(infer, program, champion):
    Version.objects.update(registration=Version.Registration.QUARANTINED)
    serving._at_alias.cache_clear()

    words = f"{champion} is quarantined and never loaded."
    assert said(infer({"inputs": [tensor()]})) == (409, words)
    assert said(program.get(f"{MODEL}/ready")) == (409, words)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"datatype": "BYTES", "data": ["a"] * 8}, "'BYTES' holds no numbers"),
        ({"datatype": "FP32", "data": ["1"] * 8}, "some of its data are no FP32"),
        ({"datatype": "FP32", "data": [True] * 8}, "some of its data are no FP32"),
        ({"datatype": "INT8", "data": [1.5] * 8}, "some of its data are no INT8"),
        ({"datatype": "UINT8", "data": [-1] * 8}, "some of its data are beyond UINT8"),
        ({"data": [10**400] * 8}, "some of its data are too large"),
        ({"data": [[1, 2], 3]}, "2 values came, which shape [1, 8] has not"),
        ({"data": ROW[:7]}, "7 values came, which shape [1, 8] has not"),
        ({"shape": [8]}, "'x' is of shape [8]"),
        ({"shape": [-1, 8]}, "8 values came, which shape [-1, 8] has not"),
        ({"shape": [0, 8], "data": []}, "There is no row to classify."),
        ({"data": [None] * 8}, "some of its data are no FP64"),
        (
            {"data": [*ROW[:1], 0, *ROW[2:]]},
            "Row 1 is of no use: prof_std is zero",
        ),
        ({"data": [float("nan"), *ROW[1:]]}, "prof_mean is missing."),
        ({"shape": "x"}, "inputs.0.shape: "),
        ({"shape": [2, 8], "data": ROW * 3}, "24 values came, which shape [2, 8]"),
        ({"shape": [10_001, 8], "data": []}, "One call takes at most 10,000 rows"),
        ({"shape": [-1, 8], "data": [ROW]}, "which shape [-1, 8] has not"),
    ],
)
def test_a_tensor_that_cannot_be_is_refused_with_words(changes, words):
    with pytest.raises(BadInput, match=re.escape(words)):
        usable(call_of({"inputs": [tensor(**changes)]}).rows())


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], "The body: "),
        ({"inputs": []}, "inputs: "),
        ({"inputs": [tensor(), tensor()]}, "these came: x, x."),
        ({"inputs": [tensor()] * 9}, "inputs: List should have at most 8 items"),
        (
            {"inputs": [tensor()], "outputs": [{"name": "id"}] * 5},
            "outputs: List should have at most 4 items",
        ),
    ],
)
def test_a_call_that_cannot_be_is_refused_with_words(body, words):
    with pytest.raises(BadInput, match=re.escape(words)):
        call_of(body).rows()


def test_columns_are_of_one_length():
    sent = json.loads((BODIES / "kserve-columns.json").read_text())
    sent["inputs"][0] |= {"shape": [1], "data": [1.0]}

    with pytest.raises(BadInput, match=r"^The inputs are not of one length\.$"):
        call_of(sent).rows()


def test_what_was_refused_is_one_sentence_and_nothing_is_kept(infer):
    wrong = {"inputs": [tensor()], "outputs": [{"name": "score"}]}
    twice = {"inputs": [tensor()], "outputs": [{"name": "id"}] * 2}
    known = "probability, predicted, id, warnings"

    assert [said(infer(body)) for body in ("{", "[" * 9_999, wrong, twice)] == [
        (400, "The body is no JSON."),
        (400, "The body is no JSON."),
        (400, f"There is no output 'score'; there are {known}."),
        (400, "Output 'id' is asked for twice."),
    ]
    assert not Prediction.objects.exists()


def binary(kind, datatype, shape=(2, 8), more=b""):
    """As tritonclient sends it, unless it is told not to."""
    raw = np.array([ROW, ROW], dtype=kind).tobytes()
    size = {"binary_data_size": len(raw)}
    head = {"name": "x", "shape": shape, "datatype": datatype, "parameters": size}
    text = json.dumps({"inputs": [head]}).encode()
    return text + raw + more, str(len(text))


@pytest.mark.parametrize(
    ("kind", "datatype"), [("<f8", "FP64"), ("<f4", "FP32"), ("<i2", "INT16")]
)
def test_what_follows_in_binary_is_read(program, kind, datatype):
    body, length = binary(kind, datatype)
    response = program.post(
        f"{MODEL}/infer",
        body,
        content_type="application/octet-stream",
        headers={"Inference-Header-Content-Length": length},
    )

    assert response.status_code == 200
    case = Prediction.objects.get(row=2)
    assert list(case.features.values()) == np.array(ROW).astype(kind).tolist()


@pytest.mark.parametrize(
    ("body", "length", "words"),
    [
        (*binary("<f8", "BYTES"), "'BYTES' holds no numbers"),
        (*binary("<f4", "FP64"), "8 values came, which shape [2, 8] has not"),
        (*binary("<f8", "FP64", more=b"1"), "1 bytes of the body belong to no input."),
        (b"{}", "3", "does not fit the body."),
        (b"{}", "-1", "does not fit the body."),
        (b"[]", "2", "The body: "),
        (b'{"inputs": [3]}', "15", "inputs.0: "),
        (binary("<f8", "FP64")[0][:-1], binary("<f8", "FP64")[1], "do not fit."),
    ],
)
def test_what_follows_and_does_not_fit_is_refused(body, length, words):
    with pytest.raises(BadInput, match=re.escape(words)):
        call_of(joined(body, length)).rows()


def test_more_than_a_call_may_bring_is_never_unfolded():
    """A byte of a tensor is eight of a list: of 16 MB not one is made."""
    size = {"binary_data_size": 8 * 10_001}
    head = {"name": "x", "shape": [1, 8], "datatype": "INT8", "parameters": size}
    few = {**head, "parameters": {"binary_data_size": 8}}
    text = json.dumps({"inputs": [head]}).encode()
    many = json.dumps({"inputs": [few] * 9}).encode()

    with pytest.raises(BadInput, match="One call takes at most 10,000 rows"):
        joined(text + bytes(8 * 10_001), str(len(text)))
    with pytest.raises(BadInput, match="8 bytes of the body belong to no input"):
        joined(many + bytes(8 * 9), str(len(many)))


def test_data_beyond_their_shape_are_not_unfolded(monkeypatch):
    monkeypatch.setattr(tensors, "_flat", None)
    with pytest.raises(BadInput, match="9 values came, which shape"):
        call_of({"inputs": [tensor(data=[*ROW, 1])]}).rows()


def test_whole_numbers_are_numbers():
    values = [100, 40, 0, 0, 3, 20, 8, 70]
    body = {"inputs": [tensor(datatype="INT64", data=[values])]}

    assert call_of(body).rows().tolist() == [values]


def test_who_may_not_ask_is_told_so_in_one_sentence(client, caller, champion):
    body = {"inputs": [tensor()]}
    reads = caller("researcher", "ana", read_only=True)
    asked = [
        client.post(f"{MODEL}/infer", body, content_type="application/json"),
        client.get(MODEL),
        client.get("/v2"),
        reads.post(f"{MODEL}/infer", body, content_type="application/json"),
        reads.get(f"{MODEL}/infer"),
        client.get(MODEL, headers={"Authorization": "Bearer psr_nothing"}),
    ]
    assert [said(answer)[0] for answer in asked] == [401, 401, 401, 403, 405, 401]


def test_a_form_is_no_call(program):
    assert said(program.post(f"{MODEL}/infer", {"a": "b"})) == (
        415,
        "Send application/json.",
    )


def test_where_the_storage_refuses_it_is_said(infer, storage):
    (storage / "tmp").write_text("This is no folder.")
    many = tensor(shape=[101, 8], data=ROW * 101)

    assert said(infer({"inputs": [many]})) == (
        503,
        "The storage refused: File exists.",
    )


def test_without_room_many_rows_are_not_taken(infer, reconfigured):
    reconfigured("storage", reserve_bytes=2**62)
    many = tensor(shape=[101, 8], data=ROW * 101)
    status, why = said(infer({"inputs": [many]}))

    assert (status, why[:18]) == (507, "The disk is full: ")
    assert not Batch.objects.exists()


def test_a_batch_that_was_made_is_not_made_again_under_its_key(
    program, champion, monkeypatch
):
    monkeypatch.setattr("showroom.predictions.at_once.classify", lambda _: None)
    body = {"inputs": [tensor(shape=[101, 8], data=ROW * 101)]}
    key = {"Idempotency-Key": "night-7"}
    first, second = (
        program.post(f"{MODEL}/infer", body, "application/json", headers=key)
        for _ in "12"
    )

    words = f"Batch {Batch.objects.get().pk} is queued: Look there what comes of it."
    assert said(first) == said(second) == (409, words)
