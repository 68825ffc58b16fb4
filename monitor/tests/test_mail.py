"""Messages as mail, handed to a server that speaks SMTP."""

import email
import email.policy

import pytest
from django.utils.timezone import now

from conftest import free_port
from monitor.models import Channel, Delivery
from monitor.telling import tell
from monitor.telling.deliver import deliver
from monitor.tests.receivers import mail_server, state

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def by_smtp(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_USE_TLS = False
    settings.EMAIL_HOST_USER = ""
    settings.DEFAULT_FROM_EMAIL = "pulsars@example.org"


@pytest.fixture
def people():
    return Channel.objects.create(
        name="People",
        kind="mail",
        address="ana@example.org, ben@example.org",
        night_report=True,
    )


def test_a_message_is_a_plain_mail_to_all_of_them(people, settings):
    with mail_server() as (port, taken):
        settings.EMAIL_PORT = port
        sent = tell.trial(people)
        deliver()
    assert state(sent) == ("sent", 1, "")
    mail = email.message_from_string(taken[0], policy=email.policy.default)
    assert mail["To"] == "ana@example.org, ben@example.org"
    assert mail["From"] == "pulsars@example.org"
    assert (
        mail["Subject"].strip()
        == "[pulsarsite] A test of “People”: messages arrive here"
    )
    assert mail["Message-ID"] == f"<{sent.uuid}@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    assert "Nothing is wrong." in mail.get_content()


def test_a_report_is_text_and_html(people, settings):
    with mail_server() as (port, taken):
        settings.EMAIL_PORT = port
        tell.report("Night", "Quiet.", "<p>Quiet.</p>", {}, now())
        deliver()
    mail = email.message_from_string(taken[0], policy=email.policy.default)
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]
    assert mail.get_body(("html",)).get_content().strip() == "<p>Quiet.</p>"


def test_what_the_server_refuses_is_said_without_the_address(settings):
    alone = Channel.objects.create(name="Alone", kind="mail", address="ana@example.org")
    with mail_server(RCPT="550 nobody is called ana@example.org") as (port, _):
        settings.EMAIL_PORT = port
        lost = tell.trial(alone)
        deliver()
    words = "The mail server refused the address: nobody is called ***"
    assert state(lost) == ("failed", 1, words)


def test_what_else_the_server_says_is_said(people, settings):
    with mail_server(MAIL="451 come back later") as (port, _):
        settings.EMAIL_PORT = port
        late = tell.trial(people)
        deliver()
    words = "The mail server said 451: come back later"
    assert state(late) == ("failed", 1, words)


def test_without_a_server_the_way_out_is_said(people, settings):
    settings.EMAIL_PORT = free_port()
    lost = tell.trial(people)
    deliver()
    assert state(lost)[2].startswith("The mail server did not take it: ")
    assert "refused" in state(lost)[2]

    settings.EMAIL_HOST = "nobody.invalid"
    again = tell.trial(people)
    deliver()
    assert state(again)[2].startswith("The mail server's name is unknown")

    settings.EMAIL_HOST = ""
    never = tell.trial(people)
    deliver()
    words = "No mail leaves this site: mail.host in config.yaml is empty."
    assert state(never) == ("failed", 1, words)
    assert Delivery.objects.filter(state="failed").count() == 3


def test_the_sites_password_is_in_no_error(people, settings):
    settings.EMAIL_HOST_USER = "site"
    settings.EMAIL_HOST_PASSWORD = "a phrase nobody knows"
    with mail_server() as (port, _):
        settings.EMAIL_PORT = port
        lost = tell.trial(people)
        deliver()
    assert state(lost)[2] == (
        "The mail server did not take it: SMTP AUTH extension not supported by server."
    )
