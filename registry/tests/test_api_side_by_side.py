"""Versions and trainings side by side, and trainings as a chart, for programs."""

import pytest

from registry.card.curves import FORMS
from registry.ship import register_shipped
from registry.tests.run_rows import run_row

pytestmark = pytest.mark.django_db

VERSIONS = "/api/v1/versions/compare"
TRAININGS = "/api/v1/trainings/compare"
CHART = "/api/v1/trainings/chart"
F1 = "holdout.f1"


@pytest.fixture
def program(caller):
    return caller("researcher")


def test_two_versions_stand_as_on_their_page(program):
    first, second = register_shipped()
    told = program.get(VERSIONS, {"a": "pulsar/1", "b": "models:/pulsar/2"}).json()

    assert (told["columns"], told["split"]) == ([str(first), str(second)], "holdout")
    facts = {one["label"]: one["values"] for one in told["facts"]}
    assert facts["Algorithm"] == ["random forest", "logistic regression"]
    recall = next(one for one in told["figures"] if one["name"] == "holdout.recall")
    ours, theirs = (
        version.card["metrics"]["holdout"]["recall"] for version in (first, second)
    )
    assert (recall["label"], recall["better"]) == ("Recall", 1)
    assert recall["values"] == [
        ours
        | {
            "is_best": ours["value"] > theirs["value"],
            "change": ours["value"] - theirs["value"],
            "is_within": ours["low"] <= theirs["value"] <= ours["high"],
        },
        theirs
        | {
            "is_best": theirs["value"] > ours["value"],
            "change": None,
            "is_within": False,
        },
    ]
    assert told["warnings"] == []
    assert {len(one["recall"]) for one in told["slices"]} == {2}
    assert [plot["title"] for plot in told["curves"]] == [
        form.title for form in FORMS.values()
    ]
    (line, _) = told["curves"][0]["traces"]
    assert (line["name"], line["is_line"]) == ("pulsar/1", True)
    assert set(line["points"][0]) == {"x", "y", "words", "url"}
    assert told["curves"][0]["x"]["ticks"][0] == {"place": 0.0, "text": "0"}


def test_a_version_that_is_not_there_and_a_split_that_is_none(program):
    register_shipped()
    unknown = program.get(VERSIONS, {"a": "pulsar/1", "b": "pulsar/9"})
    assert (unknown.status_code, unknown.json()["detail"]) == (
        404,
        "There is no version pulsar/9.",
    )
    asked = {"a": "pulsar/1", "b": "pulsar/2", "split": "none"}
    assert program.get(VERSIONS, asked).status_code == 422


def test_trainings_stand_in_the_order_in_which_they_are_named(program):
    one = run_row(metrics={F1: 0.8}, parameters={"max_features": 2}, seed=1)
    other = run_row(metrics={F1: 0.9}, tags=["night"])
    told = program.get(TRAININGS, {"training": [other.pk, one.pk]}).json()

    assert told["columns"] == [str(other), str(one)]
    facts = {row["label"]: row["values"] for row in told["facts"]}
    assert (facts["Tags"], facts["Seed"]) == (["night", "–"], ["0", "1"])
    (f1,) = told["figures"]
    bare = {"low": None, "high": None, "is_within": False}
    assert f1 == {
        "name": F1,
        "label": "F1",
        "better": 1,
        "values": [
            bare | {"value": 0.9, "is_best": True, "change": None},
            bare | {"value": 0.8, "is_best": False, "change": 0.8 - 0.9},
        ],
    }
    assert (told["slices"], told["curves"], told["warnings"]) == ([], [], [])


@pytest.mark.parametrize(("numbers", "status"), [([1], 422), ([1] * 7, 422)])
def test_one_alone_and_more_than_six_are_not_compared(program, numbers, status):
    assert program.get(TRAININGS, {"training": numbers}).status_code == status


def test_a_training_that_is_not_there_is_said(program):
    run = run_row()
    answer = program.get(TRAININGS, {"training": [run.pk, run.pk + 1]})
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "Not every one of these trainings is there.",
    )


def test_the_chart_has_a_mark_for_each_that_is_wanted(program):
    first = run_row(metrics={F1: 0.8}, seed=1)
    run_row(metrics={F1: 0.7}, seed=2, algorithm="logistic_regression")
    run_row("failed")
    asked = {"y": F1, "x": "seed", "by": "algorithm"}
    told = program.get(CHART, asked | {"algorithm": "random_forest"}).json()

    assert (told["n"], told["n_without"], told["is_even"]) == (1, 1, False)
    plot = told["plot"]
    assert (plot["title"], plot["x"]["label"], plot["y"]["label"]) == (
        "F1, hold-out over Seed",
        "Seed",
        "F1, hold-out",
    )
    (trace,) = plot["traces"]
    (mark,) = trace["points"]
    assert (trace["name"], trace["is_line"]) == ("Random Forest", False)
    assert (mark["x"], mark["y"], mark["url"]) == (1, 0.8, first.get_absolute_url())


def test_a_chart_of_nothing_and_of_what_nobody_knows(program):
    assert program.get(CHART).json() == {
        "plot": None,
        "n": 0,
        "n_without": 0,
        "is_even": False,
    }
    wrong = program.get(CHART, {"x": "moon"})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["loc"] == ["query", "x"]
