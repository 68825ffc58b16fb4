"""What was answered is looked up by its id, before and after it is sealed."""

from datetime import datetime

import pytest
from django.utils.timezone import now

from pulsar_ml.features import FEATURES
from registry import serving
from registry.models import Version
from registry.move_alias import move_alias
from showroom.models import Batch, Prediction
from showroom.predictions.answer import answer
from showroom.seal import seal
from showroom.tests.conftest import simulate

pytestmark = pytest.mark.django_db
LIST = "/api/v1/predictions"
ROWS = simulate(10)


@pytest.fixture
def said(champion, researcher):
    """Two answers to Ana: noise, and a pulsar."""
    return answer(serving.champion(), ROWS[8:], by=researcher)


def ids(response):
    assert response.status_code == 200, response.content
    return [one["id"] for one in response.json()["results"]]


def test_one_is_told_with_all_that_is_known_of_it(caller, said, champion):
    program = caller("operator")
    last = said.predictions[1]
    told = program.get(f"{LIST}/{last.id}").json()

    at = datetime.fromisoformat(told.pop("at"))
    assert abs((now() - at).total_seconds()) < 60
    assert told == {
        "id": last.id,
        "url": f"/showroom/batches/{said.batch}/rows/2/",
        "batch": said.batch,
        "row": 2,
        "name": "",
        "model": "pulsar",
        "model_version": str(champion),
        "features": dict(zip(FEATURES, ROWS[9].tolist(), strict=True)),
        "probability": last.probability,
        "predicted": 1,
        "warnings": last.warnings,
        "by": "ana",
    }


def test_a_sealed_one_is_the_same_but_for_who_asked_and_when(caller, said):
    program = caller("operator")
    address = f"{LIST}/{said.predictions[0].id}"
    before = program.get(address).json()
    assert seal() == 2

    assert program.get(address).json() == before | {"by": None, "at": None}
    assert ids(program.get(LIST)) == []


def test_a_row_of_a_batch_is_one(caller, batch):
    made = batch(10, name=[f"J{n}" for n in range(10)])

    told = caller("operator").get(f"{LIST}/{made.pk}-10").json()
    assert (told["name"], told["predicted"]) == ("J9", 1)


def test_the_newest_come_first_and_page_by_page(caller, said):
    program = caller("operator")
    first = program.get(LIST, {"page_size": 1})
    second = program.get(first.json()["next"])

    both = [one.id for one in said.predictions]
    assert (ids(first), ids(second)) == (both[1:], both[:1])


def test_filters_leave_what_is_asked_for(caller, said, champion, person):
    other = Version.objects.exclude(pk=champion.pk).first()
    move_alias("challenger", other, expected=None, reason="try it")
    ben = person("researcher", "ben")
    challenger = serving.at_alias("pulsar", "challenger")
    beside = answer(challenger, ROWS[:1], by=ben).predictions[0].id
    program = caller("researcher", "ben")
    noise, pulsar = (one.id for one in said.predictions)

    for asked, found in (
        ({}, [beside, pulsar, noise]),
        ({"mine": True}, [beside]),
        ({"predicted": 1}, [pulsar]),
        ({"batch": said.batch}, [pulsar, noise]),
        ({"model": "pulsar", "version": other.number}, [beside]),
        ({"model": "comet"}, []),
        ({"batch": 2**63 - 1}, []),
    ):
        assert ids(program.get(LIST, asked)) == found, asked


def test_a_filter_that_cannot_be_is_refused(caller):
    program = caller("operator")

    for asked in (
        {"batch": 2**63},
        {"predicted": 2},
        {"model": "\0"},
        {"version": "x"},
    ):
        assert program.get(LIST, asked).status_code == 422, asked


def test_what_is_no_prediction_is_not_found(caller, said):
    program = caller("operator")
    rows = ("-3", "-0", "", "-1-1", "-x", f"-{'9' * 18}", f"-{'9' * 19}")

    for name in ("0-1", "x", "9" * 40, *(f"{said.batch}{row}" for row in rows)):
        assert program.get(f"{LIST}/{name}").status_code == 404, name


def test_a_private_batch_of_somebody_else_is_not_there(caller, said, person):
    Batch.objects.update(private=True, owner=person("researcher", "ben"))
    address = f"{LIST}/{said.predictions[0].id}"

    asked = {
        name: caller(role, name).get(address).status_code
        for name, role in (
            ("ana", "researcher"),
            ("ben", "researcher"),
            ("al", "admin"),
        )
    }
    assert asked == {"ana": 404, "ben": 200, "al": 200}
    assert ids(caller("researcher", "ana").get(LIST)) == []
    assert Prediction.objects.count() == 2
