"""Corrections through the API: sent, sent again, changed, listed."""

import pytest

from pulsar_ml.features import FEATURES
from registry.models import Label
from showroom.case import classify_case
from showroom.models import Correction
from showroom.tests.conftest import simulate
from showroom.tests.said import taught

pytestmark = pytest.mark.django_db

CORRECTIONS = "/api/v1/corrections"


def address(prediction: object) -> str:
    return f"/api/v1/predictions/{prediction}/corrections"


def send(program, prediction: object, **said):
    return program.post(address(prediction), said, "application/json")


@pytest.fixture
def program(caller, researcher):
    """A program of Ana's."""
    return caller("researcher", "ana")


def test_a_correction_is_answered_whole(program, listed):
    answer = send(program, f"{listed.pk}-3", expected=1, confidence=0.5, comment=" x ")
    correction = Correction.objects.get()
    assert (answer.status_code, answer.json()) == (
        201,
        {
            "id": correction.pk,
            "url": f"/showroom/batches/{listed.pk}/rows/3/",
            "prediction": f"{listed.pk}-3",
            "batch": listed.pk,
            "row": 3,
            "model_version": str(listed.version),
            "predicted": 0,
            "expected": 1,
            "confidence": 0.5,
            "comment": "x",
            "by": "ana",
            "at": answer.json()["at"],
            "revision": 1,
            "current": True,
        },
    )


def test_the_same_again_is_200_with_the_same_body(program, listed):
    first = send(program, f"{listed.pk}-3", expected=1, confidence=1 / 3)
    again = send(program, f"{listed.pk}-3", expected=1, confidence=1 / 3)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert Correction.objects.count() == 1


def test_a_changed_one_is_a_revision_and_the_old_one_stays(program, listed, researcher):
    send(program, f"{listed.pk}-3", expected=1)
    changed = send(program, f"{listed.pk}-3", expected=0, comment="the mains")
    assert (changed.status_code, changed.json()["revision"]) == (201, 2)
    told = program.get(address(f"{listed.pk}-3")).json()["results"]
    assert [(one["revision"], one["expected"], one["current"]) for one in told] == [
        (2, 0, True),
        (1, 1, False),
    ]
    assert taught(researcher) == [(3, "RFI")]


def test_any_scored_row_can_be_corrected(program, batch, researcher):
    uploaded = batch(10)
    values = dict(zip(FEATURES, simulate(1)[0].tolist(), strict=True))
    case = classify_case(values, by=researcher)
    for prediction in (f"{uploaded.pk}-10", case):
        assert send(program, prediction, expected=1).status_code == 201
    assert Label.objects.filter(drawn="api").count() == 2


def test_what_is_no_prediction_is_not_there(program, batch):
    made = batch(10).pk
    rejects = [f"{made}-{row}" for row in (0, 11, "99999999999999999999", "3-1")]
    for prediction in (*rejects, made, "-", "a-b", "0-1"):
        assert send(program, prediction, expected=1).status_code == 404
        assert program.get(address(prediction)).status_code in {200, 404}
    assert not Correction.objects.exists()


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"expected": 2},
        {"expected": None},
        {"expected": "yes"},
        {"expected": 1, "confidence": 1.1},
        {"expected": 1, "confidence": -0.1},
        {"expected": 1, "comment": "a\0b"},
        {"expected": 1, "comment": "x" * 2001},
        {"expected": 1, "comment": "\ud800"},
    ],
)
def test_what_is_no_correction_is_refused_by_its_place(program, listed, said):
    answer = send(program, f"{listed.pk}-3", **said)
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert not Correction.objects.exists()


def test_a_private_batch_of_somebody_else_is_not_there(program, caller, person, listed):
    ben = caller("researcher", "ben")
    send(program, f"{listed.pk}-3", expected=1)
    listed.private = True
    listed.save(update_fields=["private"])
    assert send(ben, f"{listed.pk}-3", expected=0).status_code == 404
    assert ben.get(address(f"{listed.pk}-3")).status_code == 404
    assert ben.get(CORRECTIONS).json()["results"] == []
    assert len(program.get(CORRECTIONS).json()["results"]) == 1


def test_of_a_blind_batch_one_sees_others_once_one_has_said_something(
    program, caller, person, listed
):
    ben = caller("researcher", "ben")
    send(program, f"{listed.pk}-3", expected=1)
    listed.blind = True
    listed.save(update_fields=["blind"])
    for where in (CORRECTIONS, address(f"{listed.pk}-3")):
        assert ben.get(where).json()["results"] == []
    send(ben, f"{listed.pk}-3", expected=0)
    for where in (CORRECTIONS, address(f"{listed.pk}-3")):
        told = ben.get(where).json()["results"]
        assert [(one["by"], one["expected"]) for one in told] == [
            ("ben", 0),
            ("ana", 1),
        ]


def test_they_are_found_by_all_that_is_asked(program, caller, person, listed):
    ben = caller("researcher", "ben")
    send(program, f"{listed.pk}-3", expected=1)
    send(program, f"{listed.pk}-3", expected=0)
    send(ben, f"{listed.pk}-4", expected=1)
    at = Correction.objects.latest("pk").at.isoformat().replace("+00:00", "Z")

    def found(**asked) -> list[tuple]:
        answer = program.get(CORRECTIONS, asked)
        assert answer.status_code == 200, answer.content
        told = answer.json()["results"]
        return [(one["by"], one["row"], one["revision"]) for one in told]

    every = [("ben", 4, 1), ("ana", 3, 2), ("ana", 3, 1)]
    number = listed.version.number
    assert found() == found(batch=listed.pk) == every
    assert found(model="pulsar", version=number) == every
    assert found(version=number + 1) == []
    assert found(batch=listed.pk + 1) == found(model="other") == found(by="x") == []
    assert found(by="ben") == found(since=at) == every[:1]
    assert found(expected=0) == every[1:2]
    assert found(current=True) == every[:2]


def test_who_only_reads_corrects_nothing(caller, researcher, listed):
    reader = caller("researcher", "ana", read_only=True)
    assert send(reader, f"{listed.pk}-3", expected=1).status_code == 403
    assert reader.get(CORRECTIONS).status_code == 200


def test_a_part_that_is_missing_is_said(program, batch):
    made = batch(10)
    for part in made.folder.glob("part-*"):
        part.unlink()
    answer = send(program, f"{made.pk}-3", expected=1)
    assert answer.status_code == 503
    assert "missing" in answer.json()["detail"]
