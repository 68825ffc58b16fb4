"""/api/v1/schedules/…/rewind and /api/v1/connections: tables of databases."""

import pytest

from dispatch.models import Position
from dispatch.positions import keep, rewind
from dispatch.tests.tables import configure, insert, make, source

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.parametrize("engine", ["sqlite"], indirect=True),
]
ONE = "/api/v1/schedules/nightly"


@pytest.fixture
def reading(schedule_over, engine, settings):
    """A schedule over a table of nine rows."""
    configure(settings, survey=engine.target())
    make(engine)
    insert(engine, range(1, 10))
    return schedule_over(source=source(), retries=0)


@pytest.fixture
def boss(caller, admin):
    return caller("admin")


def post(program, address: str, **body: object):
    return program.post(address, body, content_type="application/json")


def test_a_table_is_read_again_and_that_is_taken_back(reading, boss):
    keep.move(None, reading, rewind.reading(reading).sha256, at={"shown": "key 9"})
    assert boss.get(ONE).json()["position"]["goes_on"] == "after key 9"

    told = post(boss, f"{ONE}/rewind", to="5").json()
    assert (told["goes_on"], told["went_on"]) == ("from 5", "after key 9")
    assert boss.get(ONE).json()["position"] == told
    back = post(boss, f"{ONE}/rewind/undo").json()
    assert (back["goes_on"], back["went_on"]) == ("after key 9", "from 5")
    whole = post(boss, f"{ONE}/rewind", whole=True).json()
    assert whole["goes_on"] == "from the first row"


def test_what_cannot_be_read_from_is_refused(reading, boss, caller, schedule_over):
    for body in ({}, {"to": "5", "whole": True}, {"to": "\x00"}, {"to": "9" * 10_000}):
        assert post(boss, f"{ONE}/rewind", **body).status_code == 422
    nothing = post(boss, f"{ONE}/rewind/undo")
    assert (nothing.status_code, nothing.json()["detail"]) == (
        409,
        "There is nothing to take back: nobody has moved it since the last run.",
    )
    schedule_over("folder")
    other = ONE.replace("nightly", "folder")
    assert post(boss, f"{other}/rewind", whole=True).status_code == 404
    assert post(boss, f"{other}/rewind/undo").status_code == 404
    for act in ("rewind", "rewind/undo"):
        assert post(caller("operator"), f"{ONE}/{act}", whole=True).status_code == 403
    assert not Position.objects.exists()


def test_a_connection_is_told_by_its_name_and_is_tried(reading, caller):
    otto = caller("operator", "otto")

    assert otto.get("/api/v1/connections").json() == [
        {"name": "survey", "read_only": True, "readers": ["nightly"], "writers": []}
    ]
    steps = post(otto, "/api/v1/connections/survey/test").json()
    assert steps
    assert {step["ok"] for step in steps} <= {True, None}
    assert set(steps[0]) == {"name", "ok", "words", "took"}
    assert post(otto, "/api/v1/connections/other/test").status_code == 404
    ana = caller("researcher", "ana")
    assert ana.get("/api/v1/connections").status_code == 403
    assert post(ana, "/api/v1/connections/survey/test").status_code == 403
