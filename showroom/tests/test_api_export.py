"""The source document's address: what was expected, and the labels that are new."""

import pytest

from monitor.work import State
from pulsar_ml.features import FEATURES
from registry.models import Export, Label, Model
from registry.tests.exporting import label
from showroom.case import classify_case
from showroom.models import Batch, Correction
from showroom.seal import seal
from showroom.tests.conftest import simulate
from showroom.verdicts.visibility import blind, unblind

pytestmark = pytest.mark.django_db

EXPORT = "/api/export/pulsar"
VALUES = simulate(1)[0].tolist()


@pytest.fixture
def program(caller, researcher):
    return caller("researcher", "ana")


@pytest.fixture
def case(champion, researcher):
    """A prediction of Ana's."""
    return classify_case(dict(zip(FEATURES, VALUES, strict=True)), by=researcher)


def expect(program, address: str = EXPORT, **said):
    return program.put(address, said, "application/json")


def test_what_was_expected_of_an_id_is_a_correction(program, case):
    first = expect(program, id=str(case), expected=1)
    assert (first.status_code, first.json()["prediction"]) == (201, str(case))
    assert expect(program, id=str(case), expected=1).status_code == 200
    assert Correction.objects.count() == 1


def test_what_was_expected_of_values_is_of_the_last_that_were_these(
    program, case, researcher
):
    later = classify_case(case.features, by=researcher)
    told = expect(program, data=VALUES, expected=1, confidence=0.5)
    assert (told.status_code, told.json()["prediction"]) == (201, str(later))


def test_a_pipeline_asks_and_corrects_what_was_wrong(program, champion):
    few, many = simulate(3), simulate(101, seed=1)
    for asked in (few, many):
        body = {"data": asked.tolist()}
        address = "/api/models/production/pulsar"
        answer = program.post(address, body, "application/json").json()
        wrong = answer["predictions"][2]
        told = expect(program, data=asked[2].tolist(), expected=1 - wrong["predicted"])
        assert told.status_code == 201
        assert told.json()["prediction"] == wrong["id"]
        assert told.json()["model_version"] == answer["model_version"]
    health = program.get("/api/health/pulsar").json()
    assert (health["all"], health["errors"]) == (104, 2)
    assert health["assertivity"] == 1 - 2 / 104


def test_sealed_cases_and_own_batches_are_found_by_values(program, case, batch):
    seal()
    assert expect(program, data=VALUES, expected=1).json()["prediction"] == str(case)
    made = batch(5)
    values = simulate(5)[3].tolist()
    told = expect(program, data=values, expected=1).json()
    assert told["prediction"] == f"{made.pk}-4"


def test_values_that_nobody_asked_for_are_not_there_in_words(program, case):
    other = [VALUES[0] + 1e-9, *VALUES[1:]]
    answer = expect(program, data=other, expected=1)
    assert answer.status_code == 404
    assert answer.json()["detail"] == (
        "pulsar has told you nothing of just these values in your last 30 batches: "
        "send the id of the prediction."
    )


def test_what_another_asked_for_in_private_is_not_found(program, person, batch, case):
    ben = person("researcher", "ben")
    made = batch(5)
    Batch.objects.filter(pk=made.pk).update(owner=ben, private=True)
    values = simulate(5)[3].tolist()
    assert expect(program, data=values, expected=1).status_code == 404


def test_a_prediction_of_another_model_is_refused(program, case):
    Model.objects.create(name="other")
    answer = expect(program, "/api/export/other", id=str(case), expected=1)
    assert answer.status_code == 409
    assert answer.json()["detail"] == (
        f"Prediction {case} is not of other, but of {case.batch.version}."
    )
    nowhere = expect(program, "/api/export/nowhere", id=str(case), expected=1)
    assert nowhere.status_code == 404


@pytest.mark.parametrize(
    "said",
    [
        {"expected": 1},
        {"id": "1-1", "data": VALUES, "expected": 1},
        {"id": "1-1"},
        {"data": VALUES[:7], "expected": 1},
        {"data": [*VALUES[:7], None], "expected": 1},
        {"data": [*VALUES[:7], "x"], "expected": 1},
    ],
)
def test_what_is_not_said_clearly_is_refused(program, case, said):
    assert expect(program, **said).status_code == 422


def test_new_labels_are_read_until_an_export_has_them(program, case, caller):
    expect(program, id=str(case), expected=1)
    [told] = program.get(EXPORT).json()["results"]
    assert (told["prediction"], told["expected"], told["origin"], told["by"]) == (
        *(str(case), 1),
        *("api", "ana"),
    )
    assert list(told["features"].values()) == VALUES
    export = Export.objects.create(
        model=Model.objects.get(name="pulsar"), number=1, state=State.SUCCESS
    )
    export.exported.create(label_id=told["id"])
    assert program.get(EXPORT).json()["results"] == []
    assert program.get("/api/export/nowhere").status_code == 404


def test_many_new_labels_come_page_by_page_the_earliest_first(program, champion):
    made = [label(n).pk for n in range(5)]
    found, address = [], f"{EXPORT}?page_size=2"
    while address:
        page = program.get(address).json()
        found += [one["id"] for one in page["results"]]
        address = page["next"]
    assert found == made


def test_labels_of_a_blind_batch_are_not_read_until_it_is_blind_no_more(
    program, researcher, case
):
    blind(case.batch, by=researcher)
    expect(program, id=str(case), expected=0)
    # Once more: what was said before and holds no more is of the batch, too.
    expect(program, id=str(case), expected=1)
    assert program.get(EXPORT).json()["results"] == []
    unblind(case.batch, by=researcher)
    [told] = program.get(EXPORT).json()["results"]
    assert (told["prediction"], told["expected"]) == (str(case), 1)
    assert not Label.objects.filter(blind=True).exists()
