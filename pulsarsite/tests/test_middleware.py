"""What happens to every request: its name, its size, its fragment."""

import json
import logging
from io import StringIO

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxMiddleware

from monitor import logs
from pulsarsite import middleware

pytestmark = pytest.mark.django_db


class Unread:
    """A body that must not be touched."""

    def read(self, *_):
        raise AssertionError("the body was read")

    readline = read


@pytest.fixture
def small(settings):
    showroom = settings.PULSAR.showroom.model_copy(update={"max_upload_bytes": 5000})
    settings.PULSAR = settings.PULSAR.model_copy(update={"showroom": showroom})
    return 5000 + middleware.FORM_SLACK


def test_a_request_gets_a_name_and_keeps_one_that_is_fit(client):
    made = [client.get("/healthz")["X-Request-ID"] for _ in range(2)]
    assert len(set(made)) == 2
    assert all(len(name) == 32 for name in made)

    kept = client.get("/healthz", headers={"X-Request-ID": "proxy-7.1_a"})
    assert kept["X-Request-ID"] == "proxy-7.1_a"


@pytest.mark.parametrize("given", ["short", "x" * 65, "a b c d e f", 'a"},{"b": "'])
def test_a_name_that_does_not_fit_into_a_log_is_replaced(client, given):
    name = client.get("/healthz", headers={"X-Request-ID": given})["X-Request-ID"]

    assert name != given
    assert len(name) == 32


def test_a_streamed_body_is_still_written_under_its_name():
    def body():
        yield logs.request_id.get()

    answer = middleware.request_id(lambda _: StreamingHttpResponse(body()))(
        RequestFactory().get("/", headers={"X-Request-ID": "12345678"})
    )

    assert list(answer) == [b"12345678"]
    answer.close()
    assert logs.request_id.get() == ""


def test_the_log_line_of_a_refusal_has_the_name(client):
    lines = StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(logs.JsonFormatter())
    logging.getLogger("django.request").addHandler(handler)
    try:
        name = client.get("/nope")["X-Request-ID"]
    finally:
        logging.getLogger("django.request").removeHandler(handler)

    assert json.loads(lines.getvalue())["request_id"] == name
    assert logs.request_id.get() == ""


@pytest.mark.parametrize("address", ["/showroom/", "/accounts/login/", "/nope"])
def test_a_body_that_is_too_large_is_refused_unread(client, small, address):
    answer = client.generic(
        "POST", address, **{"CONTENT_LENGTH": str(small + 1), "wsgi.input": Unread()}
    )

    assert answer.status_code == 413
    page = answer.content.decode()
    assert "<h1>This upload is too large</h1>" in page
    assert "may have 4.9\xa0KB" in page
    assert answer["X-Request-ID"] in page


@pytest.mark.parametrize("address", ["/showroom/", "/accounts/login/", "/nope"])
def test_a_file_of_a_stranger_is_not_even_read(client, address):
    body = {"CONTENT_LENGTH": str(middleware.FORM_SLACK + 1), "wsgi.input": Unread()}
    answer = client.generic(
        "POST", address, content_type="multipart/form-data; boundary=x", **body
    )

    assert answer.status_code == 302
    assert answer.url == f"/accounts/login/?next={address}"


def test_a_body_of_just_the_limit_is_let_through(client, person, small):
    client.force_login(person("researcher"))
    content = b"x" * small
    answer = client.generic("POST", "/nope", content)

    assert answer.status_code == 404


@pytest.mark.parametrize("length", ["", "-1", "many", "1e99"])
def test_a_length_that_is_none_counts_as_nothing(length):
    request = RequestFactory().post("/", headers={"Content-Length": length})
    request.META["CONTENT_LENGTH"] = length

    answer = middleware.body_limit(lambda _: HttpResponse("let through"))(request)

    assert answer.content == b"let through"


@pytest.mark.parametrize(
    ("headers", "fragment"),
    [
        ({}, False),
        ({"HX-Request": "true"}, True),
        ({"HX-Request": "true", "HX-Boosted": "true"}, False),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, False),
    ],
)
def test_htmx_gets_the_fragment_where_it_paints_a_fragment(headers, fragment):
    def view(request):
        assert request.fragment is fragment
        return HttpResponse()

    request = RequestFactory().get("/", headers=headers)
    answer = HtmxMiddleware(middleware.fragment(view))(request)

    assert answer["Vary"] == "HX-Request"
