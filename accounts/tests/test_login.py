"""Log-in and log-out, and what keeps strangers out."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.urls import reverse
from django.utils.timezone import now

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"


PASSWORD = "a long pass phrase"


def log_in(client, name="ana", password=PASSWORD, **query):
    address = f"{LOGIN}?{urlencode(query)}" if query else LOGIN
    form = {"username": name, "password": password, **query}
    return client.post(address, form)


@pytest.fixture
def ana(person):
    return person("researcher", "ana")


def test_a_stranger_is_sent_to_log_in_and_then_on(client, ana):
    sent = client.get("/accounts/preferences/")
    assert (sent.status_code, sent.url) == (
        302,
        f"{LOGIN}?next=/accounts/preferences/",
    )

    page = client.get(sent.url)
    assert page.status_code == 200
    assert page.templates[0].name == "registration/login.html"

    arrived = log_in(client, next="/accounts/preferences/")
    assert (arrived.status_code, arrived.url) == (302, "/accounts/preferences/")
    assert client.get(arrived.url).context["user"] == ana


@pytest.mark.parametrize("name", ["accounts:preferences", "accounts:password", "home"])
def test_every_own_page_is_closed_to_strangers(client, name):
    address = reverse(name)

    assert client.get(address).url == f"{LOGIN}?next={address}"


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "x:y"])
def test_nobody_is_led_to_another_site(client, ana, wanted):
    assert log_in(client, next=wanted).url == "/"


def test_the_session_gets_a_new_name_at_log_in(client, ana):
    client.get(LOGIN)
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = before = session.session_key

    log_in(client)

    assert client.cookies["sessionid"].value != before


def test_a_session_that_was_named_by_somebody_else_is_never_used(client, ana):
    client.cookies["sessionid"] = planted = "p" * 32

    log_in(client)

    assert client.cookies["sessionid"].value != planted
    client.cookies["sessionid"] = planted
    assert client.get("/").status_code == 302


def test_a_log_in_that_has_ended_is_not_brought_back_by_its_cookie(client, ana):
    log_in(client)
    kept = client.cookies["sessionid"].value
    client.post("/accounts/logout/")

    client.cookies["sessionid"] = kept
    assert client.get("/").url == f"{LOGIN}?next=/"


def test_who_is_switched_off_is_out_at_once(client, ana):
    log_in(client)
    assert client.get("/").status_code == 200

    ana.is_active = False
    ana.save()
    assert client.get("/").url == f"{LOGIN}?next=/"
    assert log_in(client).status_code == 200


@pytest.mark.parametrize("wanted", [LOGIN, f"{LOGIN}?next=/"])
def test_the_log_in_never_leads_to_itself(client, ana, wanted):
    assert log_in(client, next=wanted).url == "/"
    assert client.get(LOGIN, {"next": wanted}).url == "/"


def test_a_wrong_password_is_told_without_saying_what_was_wrong(client, ana):
    answers = [log_in(client, password="x"), log_in(client, name="nobody")]

    assert [answer.status_code for answer in answers] == [200, 200]
    words = {answer.context["form"].non_field_errors()[0] for answer in answers}
    assert len(words) == 1
    assert "sessionid" not in client.cookies


def test_who_is_in_already_is_sent_on(client, ana):
    client.force_login(ana)

    assert client.get(f"{LOGIN}?next=/accounts/password/").url == "/accounts/password/"


def test_log_out_is_by_post_alone_and_ends_the_session(client, ana):
    client.force_login(ana)
    assert client.get("/accounts/logout/").status_code == 405

    left = client.post("/accounts/logout/")

    assert (left.status_code, left.url) == (302, LOGIN)
    assert client.get("/").url == f"{LOGIN}?next=/"


def test_too_many_wrong_passwords_pause_the_log_in_until_the_time_is_over(
    client, ana, settings
):
    for _ in range(settings.AXES_FAILURE_LIMIT):
        last = log_in(client, password="wrong")

    assert last.status_code == 429
    assert last["Retry-After"] == "900"
    assert "Log-in is paused for 15 min 00 s" in last.content.decode()
    assert log_in(client).status_code == 429, "the right password must not help now"

    with time_machine.travel(now() + timedelta(minutes=16), tick=False):
        assert log_in(client).url == "/"


def test_a_pause_is_for_one_name_from_one_place(client, ana, person, settings):
    person("operator", "olga")
    for _ in range(settings.AXES_FAILURE_LIMIT):
        log_in(client, password="wrong")

    assert log_in(client, name="olga").url == "/"
    client.post("/accounts/logout/")
    client.defaults["REMOTE_ADDR"] = "192.0.2.7"
    assert log_in(client).url == "/"


def test_a_log_in_that_ended_under_an_open_page_reloads_the_page(client):
    answer = client.get(f"{LOGIN}?next=/", headers={"HX-Request": "true"})

    assert (answer["HX-Refresh"], answer.content) == ("true", b"")


def test_the_name_of_the_site_stands_on_the_page(client):
    assert client.get(LOGIN).context["site"].name == "pulsarsite"
