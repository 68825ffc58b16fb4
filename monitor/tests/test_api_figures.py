"""/api/v1/figures and /api/v1/report: numbers over time, and how a night was."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from monitor.figures.samples import put

pytestmark = pytest.mark.django_db

URL = "/api/v1/figures"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def otto(caller):
    """An operator's program."""
    return caller("operator", "otto")


@time_machine.travel(NOON, tick=False)
def test_a_figure_has_its_points_by_its_labels(otto):
    for minute, value in ((-15, 1.0), (-14, 3.0), (-1, 5.0)):
        put("machine.load", value, at=NOON + timedelta(minutes=minute), host="mill")
    known = {
        "name": "machine.load",
        "url": "/monitor/figures/machine.load/",
        "title": "Load",
        "unit": "",
        "words": "Processes that want to run, a minute's average.",
    }

    assert otto.get(URL).json() == [known]
    assert otto.get(f"{URL}/machine.load").json() == known | {
        "range": "day",
        "span": 600,
        "lines": [
            {
                "labels": {"host": "mill"},
                "points": [
                    {
                        "at": "2026-11-21T11:40:00Z",
                        "n": 2,
                        "mean": 2.0,
                        "least": 1.0,
                        "most": 3.0,
                    },
                    {
                        "at": "2026-11-21T11:50:00Z",
                        "n": 1,
                        "mean": 5.0,
                        "least": 5.0,
                        "most": 5.0,
                    },
                ],
            }
        ],
    }
    week = otto.get(f"{URL}/machine.load?range=week").json()
    assert (week["span"], week["lines"][0]["points"][0]["n"]) == (3600, 3)


@time_machine.travel(NOON, tick=False)
def test_what_is_no_number_is_nothing(otto):
    put("machine.load", float("inf"), at=NOON - timedelta(minutes=1))

    [line] = otto.get(f"{URL}/machine.load").json()["lines"]
    [point] = line["points"]
    assert (point["n"], point["mean"], point["most"]) == (1, None, None)


def test_what_is_no_figure_is_not_there(otto):
    put("machine.load", 1, at=NOON)
    for name in ("none", "%00", "x" * 10_000, "🔭"):
        assert otto.get(f"{URL}/{name}").status_code == 404
    assert otto.get(f"{URL}/machine.load?range=year").status_code == 422


@time_machine.travel(NOON, tick=False)
def test_the_night_report_is_told_in_parts(otto):
    told = otto.get("/api/v1/report?date=2026-11-21").json()

    assert told["title"] == "Night to Saturday 2026-11-21"
    assert told["url"] == "/monitor/report/?date=2026-11-21"
    assert told["is_over"] is True
    jobs = next(one for one in told["sections"] if one["title"] == "Jobs")
    assert jobs == {
        "title": "Jobs",
        "url": "/monitor/jobs/",
        "told": "",
        "facts": [
            {"name": "Jobs", "value": 0},
            {"name": "Starts", "value": 0},
            {"name": "Failed", "value": 0},
        ],
        "head": [],
        "rows": [],
        "more": "",
        "note": "",
    }
    assert otto.get("/api/v1/report").json()["title"] == "The last 24 hours"
    for day in ("1999-12-31", "2027-01-01", "0001-01-01", "9999-12-31", "today"):
        answer = otto.get(f"/api/v1/report?date={day}")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["loc"] == ["query", "date"]


def test_a_researcher_sees_neither(caller):
    for address in (URL, f"{URL}/machine.load", "/api/v1/report"):
        assert caller("researcher").get(address).status_code == 403
