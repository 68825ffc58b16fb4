"""Candidates through the API: the shortlist of a batch, and those of all batches."""

import base64
from urllib.parse import urlencode

import pytest

from registry.models import Version
from showroom.again import again
from showroom.models import Batch, Candidate
from showroom.tests.conftest import fill
from showroom.tests.test_api_rows import address, walk

pytestmark = pytest.mark.django_db

CANDIDATES = "/api/v1/candidates"


@pytest.fixture
def survey(batch) -> Batch:
    return batch(40, name=[f"J{n:04}" for n in range(40)])


@pytest.fixture
def program(caller):
    return caller("researcher", "ben", read_only=True)


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [one["id"] for one in answer.json()["results"]]


def test_the_shortlist_is_read_page_by_page_from_the_highest_score_on(program, survey):
    found, _ = walk(program, address(survey, "shortlist?page_size=7"))
    expected = Candidate.objects.filter(batch=survey).exclude(shortlisted="")
    ordered = expected.order_by("-probability", "row")

    assert [one["id"] for one in found] == [str(one) for one in ordered]
    assert len(found) == 40
    best = ordered[0]
    assert found[0] == {
        "id": f"{survey.pk}-{best.row}",
        "url": f"/showroom/batches/{survey.pk}/rows/{best.row}/",
        "batch": survey.pk,
        "row": best.row,
        "name": best.name,
        "version": str(survey.version),
        "probability": pytest.approx(best.probability, rel=1e-6),
        "predicted": 1,
        "shortlisted": "high",
        "hash": best.hash,
    }
    high = program.get(address(survey, "shortlist"), {"reason": "high"})
    assert ids(high) == [str(one) for one in ordered.filter(predicted=True)]
    assert (
        program.get(address(survey, "shortlist"), {"reason": "new"}).status_code == 422
    )


@pytest.mark.parametrize("size", [50, 120])
def test_rows_of_one_score_are_each_read_once_in_both_directions(program, listed, size):
    listed.candidates.all().delete()
    fill(listed, 150)
    found, last = walk(program, address(listed, f"shortlist?page_size={size}"))
    back, _ = walk(program, last, "previous")

    assert [one["row"] for one in found] == list(range(1, 151))
    assert back == found[::-1]


def test_a_page_in_the_midst_of_one_score_leads_to_those_beside_it(program, listed):
    def page(link):
        answer = program.get(link).json()
        return [one["row"] for one in answer["results"]], answer

    rows, first = page(address(listed, "shortlist?page_size=3"))
    second, there = page(first["next"])
    assert (rows, second) == ([1, 2, 3], [4, 5, 6])
    before, back = page(there["previous"])
    assert before == rows
    assert page(back["next"])[0] == second


@pytest.mark.parametrize(
    "place",
    [
        '["nan", "1", "1"]',
        '["-inf", "1", "1"]',
        '["1e999", "1", "1"]',
        '["0.5", "1"]',
        '["0.5", "1", 1]',
        '["0.5", "1", []]',
        '["0.5", "1", "x"]',
        "nan",
        "1",
        "[",
    ],
)
def test_a_place_that_no_row_can_have_is_no_cursor_of_ours(program, listed, place):
    cursor = base64.b64encode(urlencode({"p": place}).encode()).decode()
    answer = program.get(address(listed, "shortlist"), {"cursor": cursor})

    assert (answer.status_code, answer.json()["errors"]) == (
        422,
        [{"loc": ["query", "cursor"], "msg": "This is no cursor of ours."}],
    )


def test_candidates_of_all_batches_are_found(program, survey, champion):
    other = Version.objects.exclude(pk=champion.pk).get()
    second = again(survey, other, by=survey.owner)

    def found(**query):
        return ids(program.get(CANDIDATES, {"page_size": 100, **query}))

    row_12 = Candidate.objects.get(batch=survey, row=12)
    assert len(found()) == 80
    assert found(text="j0011") == [f"{second.pk}-12", f"{survey.pk}-12"]
    assert found(hash=row_12.hash) == found(text="J0011")
    assert found(batch=survey.pk, hash=row_12.hash) == [f"{survey.pk}-12"]
    assert sorted(found(batch=survey.pk, predicted="1")) == sorted(
        f"{survey.pk}-{row}" for row in (10, 20, 30, 40)
    )
    assert found(batch=survey.pk, low=0.5, shortlisted="uncertain") == []
    assert found(batch=2**63 - 1) == []


def test_those_of_private_and_deleted_batches_are_left_out(caller, program, survey):
    Batch.objects.filter(pk=survey.pk).update(private=True)
    ana = caller("researcher", "ana")

    assert ids(program.get(CANDIDATES)) == []
    assert len(ids(ana.get(CANDIDATES))) == 40
    assert program.get(CANDIDATES, {"batch": survey.pk}).json()["results"] == []
    ana.delete(address(survey))
    assert ids(ana.get(CANDIDATES)) == []


def test_what_makes_no_sense_is_refused(program):
    for query in (
        {"hash": "x" * 64},
        {"low": "2"},
        {"low": "nan"},
        {"batch": "0"},
        {"batch": str(2**63)},
        {"text": "\x00"},
        {"shortlisted": ""},
        {"predicted": "perhaps"},
    ):
        answer = program.get(CANDIDATES, query)
        assert answer.status_code == 422, query
        assert answer.json()["errors"][0]["loc"] == ["query", *query]
