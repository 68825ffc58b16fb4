"""The pages for what went wrong."""

from contextlib import contextmanager
from urllib.parse import urlencode

import pytest
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    connections,
)
from django.test import Client
from django.urls import path

from monitor import logs
from pulsarsite import errors
from pulsarsite import urls as site_urls

pytestmark = pytest.mark.django_db

URLENCODED = "application/x-www-form-urlencoded"


def broken(request):
    raise RuntimeError("the secret is 42")


def suspicious(request):
    raise SuspiciousOperation("odd")


broken.login_required = suspicious.login_required = False
app_name = ""
urlpatterns = [
    path("broken", broken),
    path("suspicious", suspicious),
    *site_urls.urlpatterns,
]
handler400 = site_urls.handler400
handler403 = site_urls.handler403
handler404 = site_urls.handler404
handler500 = site_urls.handler500


@pytest.fixture
def lenient(settings):
    """A client that gets the page of an error, not its traceback."""
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


def asserted_page(answer, status, title):
    page = answer.content.decode()
    assert answer.status_code == status
    assert f"<h1>{title}</h1>" in page
    assert answer["X-Request-ID"] in page
    assert "pulsarsite" in page
    return page


def test_a_page_that_is_not_there(client):
    asserted_page(client.get("/nope"), 404, "There is no such page")


def test_a_page_one_may_not_open(client, person):
    client.force_login(person("researcher"))

    asserted_page(
        client.get("/monitor/events/"),
        403,
        "You may not open this page",
    )


def test_a_form_that_is_too_old():
    client = Client(enforce_csrf_checks=True)

    page = asserted_page(
        client.post("/accounts/login/", {"username": "ana"}),
        403,
        "This form is too old",
    )
    assert "Nothing was changed" in page


def test_a_request_that_cannot_be_understood(lenient):
    page = asserted_page(
        lenient.get("/suspicious"), 400, "This request cannot be understood"
    )
    assert "odd" not in page


@pytest.mark.parametrize(
    "form",
    [
        {f"field{n}": "x" for n in range(1001)},
        {"name": "x" * 2_700_000},
        {f"file{n}": SimpleUploadedFile("a", b"x") for n in range(1001)},
    ],
    ids=["fields", "words", "files"],
)
def test_a_form_of_more_than_any_page_has_is_refused(client, person, form, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
    client.force_login(person("researcher"))
    sent = {} if "file0" in form else {"content_type": URLENCODED}
    data = form if "file0" in form else urlencode(form)

    asserted_page(
        client.post("/showroom/cases/", data, **sent),
        400,
        "This request cannot be understood",
    )


def test_a_wrong_host_is_told_without_repeating_it(client):
    answer = client.get("/accounts/login/", headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert "evil.example" not in answer.content.decode()


def test_our_own_fault_names_the_request_and_no_detail(lenient):
    page = asserted_page(lenient.get("/broken"), 500, "Something broke on our side")
    assert "the secret" not in page


def test_our_own_fault_is_told_without_user_session_or_database(
    rf, django_assert_num_queries
):
    with logs.request("12345678"), django_assert_num_queries(0):
        answer = errors.server_error(rf.get("/"))

    answer["X-Request-ID"] = "12345678"
    asserted_page(answer, 500, "Something broke on our side")


@pytest.mark.parametrize("error", [DatabaseError, InterfaceError, OperationalError])
def test_a_page_whose_database_is_gone_says_so(lenient, person, error):
    lenient.force_login(person("researcher"))
    with away(error("no way to db.internal")):
        answer = lenient.get("/accounts/preferences/")

    page = asserted_page(answer, 503, "The database does not answer")
    assert "db.internal" not in page
    assert answer["Retry-After"] == "60"


@pytest.mark.parametrize("error", [IntegrityError, ProgrammingError])
def test_a_wrong_question_to_the_database_is_our_own_fault(lenient, person, error):
    lenient.force_login(person("researcher"))
    with away(error("odd")):
        answer = lenient.get("/accounts/preferences/")

    asserted_page(answer, 500, "Something broke on our side")


@contextmanager
def away(error):
    """The database answers every question with this."""

    def refuse(*_):
        raise error

    with connections["default"].execute_wrapper(refuse):
        yield


def test_the_page_of_a_person_keeps_the_way_back(client, person):
    client.force_login(person("researcher"))

    page = asserted_page(client.get("/nope"), 404, "There is no such page")

    assert ">Showroom</a>" in page
