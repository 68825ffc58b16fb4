"""What every operation of the API has in common."""

import json
from collections import defaultdict

import pytest
from django.db import OperationalError
from django.test import Client

from pulsarsite.api import _Schema, api
from showroom.models import Batch
from showroom.tests.conftest import champion  # noqa: F401

pytestmark = pytest.mark.django_db

BATCHES = "/api/v1/batches"


def problem(answer) -> dict:
    assert answer["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert (told.pop("type"), told.pop("status")) == ("about:blank", answer.status_code)
    return {"status": answer.status_code, **told}


@pytest.fixture
def batches(person, champion):  # noqa: F811
    owner, version = person("researcher", "olga"), champion
    return [
        Batch.objects.create(owner=owner, version=version, title=f"Night {n}")
        for n in range(5)
    ]


def test_a_stranger_is_asked_for_a_token(client):
    answer = client.get(BATCHES)
    assert problem(answer) == {
        "status": 401,
        "title": "Unauthorized",
        "detail": "Send a token: Authorization: Bearer ...",
    }
    assert answer["WWW-Authenticate"] == "Bearer"
    assert client.get("/api/schema").status_code == 401


def test_people_come_in_by_their_session_and_send_nothing_from_elsewhere(person):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person("admin"))
    assert browser.get(BATCHES).status_code == 200
    refused = problem(browser.post(BATCHES))
    assert refused["status"] == 403
    assert refused["detail"] == "This form was not one of this site."


def test_a_browsers_form_is_no_json(person):
    """Its CSRF token was looked for in the form, which cannot be read again."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person("researcher"))
    secret = browser.cookies["csrftoken"] = "s" * 32
    answer = browser.post(
        "/api/models/production/pulsar",
        {"data": "[]"},
        headers={"X-CSRFToken": secret},
    )
    assert problem(answer) == {
        "status": 415,
        "title": "Unsupported Media Type",
        "detail": "Send application/json.",
    }


def test_whoever_lacks_the_right_is_refused_before_anything_is_read(caller, person):
    guest = caller("researcher")
    guest_user = guest.get(BATCHES).wsgi_request.user
    guest_user.groups.clear()
    answer = caller("researcher").get(f"{BATCHES}?page_size=nonsense")
    assert problem(answer) == {
        "status": 403,
        "title": "Forbidden",
        "detail": "You may not do this.",
    }


def test_what_is_not_there_is_a_problem(caller):
    program = caller("researcher")
    there = problem(program.get(f"{BATCHES}/1"))
    assert there["detail"] == "There is no such thing here."
    nowhere = problem(program.get("/api/nowhere"))
    assert nowhere["detail"] == "There is no such address."
    assert there["status"] == nowhere["status"] == 404


def test_a_wrong_method_says_which_are_right(caller):
    answer = caller("researcher").patch(BATCHES)
    assert problem(answer)["status"] == 405
    assert set(answer["Allow"].split(", ")) >= {"GET", "POST"}


def test_what_is_wrong_is_said_by_its_place(caller):
    answer = caller("researcher").get(f"{BATCHES}?page_size=501&state=tired")
    told = problem(answer)
    assert told["detail"] == "What was sent cannot be used."
    assert {tuple(one["loc"]) for one in told["errors"]} == {
        ("query", "state"),
        ("query", "page_size"),
    }


def test_all_pages_are_the_whole_in_both_directions(caller, batches):
    program = caller("researcher")
    found, address = [], f"{BATCHES}?page_size=2"
    while address:
        page = program.get(address).json()
        found += [one["id"] for one in page["results"]]
        last, address = page, page["next"]
    newest_first = [batch.pk for batch in reversed(batches)]
    assert found == newest_first
    before = program.get(last["previous"]).json()
    assert [one["id"] for one in before["results"]] == newest_first[2:4]


@pytest.mark.parametrize(
    "cursor",
    ["x", "cD1hYmM=", "%00", "cD0tMQ==", "cj1UcnVlJnA9OTk5OTk5OTk5OTk5OTk5OTk5OTk5"],
)
def test_a_cursor_of_ones_own_breaks_nothing(caller, batches, cursor):
    answer = caller("researcher").get(f"{BATCHES}?cursor={cursor}")
    assert answer.status_code in {200, 422}
    if answer.status_code == 422:
        [wrong] = problem(answer)["errors"]
        assert wrong["loc"] == ["query", "cursor"]


def test_the_schema_is_open_api_and_each_operation_may_end_in_a_problem(caller):
    schema = caller("researcher", read_only=True).get("/api/schema").json()
    assert schema["openapi"] == "3.1.0"
    operations = [one for path in schema["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in operations]
    assert len(names) == len(set(names)) > 20
    wrong = {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
    }
    assert {
        json.dumps(one["responses"]["default"]["content"]) for one in operations
    } == {json.dumps(wrong)}


def test_no_two_schemas_share_a_name():
    """The second would be told in place of the first."""
    meant = defaultdict(set)

    class Told(_Schema):
        def add_schema_definitions(self, definitions):
            for name, meaning in definitions.items():
                meant[name].add(json.dumps(meaning, sort_keys=True))
            super().add_schema_definitions(definitions)

    Told(api, "/api/")
    assert {name for name, meanings in meant.items() if len(meanings) > 1} == set()
    assert len(meant) > 50


def test_its_page_is_served_from_here(client, person):
    client.force_login(person("researcher"))
    page = client.get("/api/docs")
    assert page.status_code == 200
    text = page.content.decode()
    assert "/static/ninja/swagger-ui-bundle.js" in text
    assert "https://" not in text
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert client.get(f"/static/ninja/{asset}").status_code == 200


def test_what_breaks_here_is_said_without_a_word_of_why(caller, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr("showroom.models.batch.BatchQuerySet.visible_to", broken)
    program = caller("researcher")
    program.raise_request_exception = False
    told = problem(program.get(BATCHES))
    assert told["status"] == 500
    assert "secret" not in json.dumps(told)
    assert told["detail"].startswith("Something went wrong here: ")


def test_a_database_that_is_away_is_said_and_when_to_come_again(caller, monkeypatch):
    def away(*_, **__):
        raise OperationalError

    monkeypatch.setattr("showroom.models.batch.BatchQuerySet.visible_to", away)
    program = caller("researcher")
    program.raise_request_exception = False
    answer = program.get(BATCHES)
    assert problem(answer)["detail"] == "The database does not answer."
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")


def test_a_body_has_a_limit(caller, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = caller("researcher").post(
        "/api/models/production/pulsar", b"x" * 200, content_type="application/json"
    )
    assert problem(answer)["status"] == 413


def test_a_request_counts_once_under_its_key(caller, champion):  # noqa: F811
    """In the site itself; what may go wrong is tried in test_once."""
    program = caller("researcher")
    key = {"Idempotency-Key": "night-7"}
    row = {"data": [[100.0] * 8]}
    where = "/api/models/production/pulsar"
    first, second = (
        program.post(where, row, "application/json", headers=key) for _ in "12"
    )
    assert (first.status_code, second.content) == (200, first.content)
    assert second.get("Idempotent-Replayed") == "true"
