"""A program comes in by its token, as the person who made it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.timezone import now

from accounts.tokens import find as finding
from accounts.tokens.make import make
from accounts.tokens.revoke import revoke
from showroom.models import Batch
from showroom.tests.conftest import as_csv, champion, simulate  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_known():
    finding._known.cache_clear()


@pytest.fixture
def come(person):
    """A program of this person, which no browser's cookie lets in."""
    ana = person("researcher", "ana")

    def come(*, read_only: bool) -> tuple[Client, object]:
        token, key = make(ana, name="", read_only=read_only, at=now())
        headers = {"Authorization": f"Bearer {key}"}
        return Client(enforce_csrf_checks=True, headers=headers), token

    return come


def told(answer) -> tuple:
    assert answer["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["status"], answer.json()["detail"]


def test_it_reads_what_the_person_reads(come):
    program, _ = come(read_only=True)
    answer = program.get("/showroom/")
    assert answer.status_code == 200
    assert answer.context["request"].user.username == "ana"
    assert program.get("/monitor/").status_code == 403


def test_a_key_that_only_reads_changes_nothing(come):
    program, _ = come(read_only=True)
    refused = (403, 403, "This token only reads.")
    assert told(program.post("/showroom/")) == refused
    assert told(program.delete("/showroom/")) == refused


def test_a_key_that_writes_brings_a_table_without_a_form(come, champion):  # noqa: F811
    program, _ = come(read_only=False)
    table = SimpleUploadedFile("sky.csv", as_csv(simulate(5, 1)))
    answer = program.post("/showroom/", {"files": table})
    batch = Batch.objects.get()
    assert (answer.status_code, answer.url) == (302, batch.get_absolute_url())
    assert (batch.owner.username, batch.n_rows) == ("ana", 5)


def test_what_is_for_people_is_shut(come):
    program, _ = come(read_only=False)
    shut = (403, 403, "Accounts and their tokens are for people alone.")
    assert told(program.get("/accounts/tokens/")) == shut
    assert told(program.post("/accounts/password/")) == shut
    assert told(program.get("/admin/")) == shut


def test_an_unknown_or_revoked_one_is_told_so_everywhere(come):
    program, token = come(read_only=True)
    revoke(token, now())
    stranger = Client(headers={"Authorization": f"Bearer psr_{'a' * 43}"})
    for client in (program, stranger):
        answer = client.get("/showroom/")
        opens_nothing = "This token opens nothing: it is unknown or over."
        assert told(answer) == (401, 401, opens_nothing)
        assert answer["WWW-Authenticate"] == "Bearer"
        assert client.get("/accounts/login/").status_code == 401


def test_what_is_no_key_of_ours_changes_nothing(client):
    for header in ("Bearer something", "Basic cHNyOg==", "psr_abc", "Bearer"):
        answer = client.get("/showroom/", headers={"Authorization": header})
        assert answer.url == "/accounts/login/?next=/showroom/"


def test_without_it_the_form_is_still_guarded(person):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person("researcher"))
    assert browser.post("/showroom/").status_code == 403
