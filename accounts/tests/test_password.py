"""New passwords: by oneself, by mail where there is mail, by an admin."""

import re

import pytest
from django.core import mail
from django.test import Client

pytestmark = pytest.mark.django_db

NEW = "another long phrase"


@pytest.fixture
def ana(person):
    ana = person("researcher", "ana")
    ana.email = "ana@example.org"
    ana.save()
    return ana


@pytest.fixture
def with_mail(settings):
    settings.EMAIL_HOST = "mail.example.org"


def test_a_changed_password_holds_and_keeps_the_log_in(client, ana):
    client.force_login(ana)
    page = client.get("/accounts/password/")
    assert page.templates[0].name == "registration/password_change_form.html"

    done = client.post(
        "/accounts/password/",
        {
            "old_password": "a long pass phrase",
            "new_password1": NEW,
            "new_password2": NEW,
        },
        follow=True,
    )

    ana.refresh_from_db()
    assert ana.check_password(NEW)
    assert done.redirect_chain == [("/accounts/preferences/", 302)]
    assert [str(m) for m in done.context["messages"]] == ["Your password is changed."]


def test_a_changed_password_ends_all_other_log_ins(client, ana, person):
    elsewhere = Client()
    for browser in (client, elsewhere):
        browser.force_login(ana)
    new = {"new_password1": NEW, "new_password2": NEW}
    client.post("/accounts/password/", {"old_password": "a long pass phrase", **new})

    assert client.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302

    admin = Client()
    admin.force_login(person("admin"))
    new = {"password1": "yet another phrase", "password2": "yet another phrase"}
    address = f"/admin/accounts/user/{ana.pk}/password/"
    admin.post(address, {**new, "usable_password": "true"})
    assert client.get("/").status_code == 302


def test_a_weak_password_is_refused_with_reasons(client, ana):
    client.force_login(ana)

    page = client.post(
        "/accounts/password/",
        {
            "old_password": "a long pass phrase",
            "new_password1": "12345",
            "new_password2": "12345",
        },
    )

    assert len(page.context["form"].errors["new_password2"]) == 3
    ana.refresh_from_db()
    assert ana.check_password("a long pass phrase")


def test_without_mail_the_page_sends_people_to_an_admin(client, ana, settings):
    settings.EMAIL_HOST = ""

    shown = client.get("/accounts/reset/")
    tried = client.post("/accounts/reset/", {"email": ana.email})

    for page in (shown, tried):
        assert page.templates[0].name == "registration/password_reset_by_admin.html"
    assert mail.outbox == []


def test_the_link_from_the_mail_sets_a_new_password_once(client, ana, with_mail):
    assert client.get("/accounts/reset/").status_code == 200
    sent = client.post("/accounts/reset/", {"email": ana.email}, follow=True)
    assert sent.templates[0].name == "registration/password_reset_done.html"

    (letter,) = mail.outbox
    assert (letter.subject, letter.to) == ("New password for pulsarsite", [ana.email])
    link = re.search(r"http://localhost:8000(/accounts/reset/\S+)", letter.body)[1]
    form = client.get(link, follow=True)
    assert form.templates[0].name == "registration/password_reset_confirm.html"
    set_at = form.redirect_chain[-1][0]
    done = client.post(
        set_at, {"new_password1": NEW, "new_password2": NEW}, follow=True
    )

    assert done.redirect_chain == [("/accounts/login/", 302)]
    ana.refresh_from_db()
    assert ana.check_password(NEW)
    assert "This link no longer works" in client.get(link).content.decode()


def test_the_link_never_follows_the_host_that_a_request_names(client, ana, with_mail):
    client.post("/accounts/reset/", {"email": ana.email}, headers={"Host": "127.0.0.1"})

    assert "http://localhost:8000/accounts/reset/" in mail.outbox[0].body
    assert "127.0.0.1" not in mail.outbox[0].body


def test_an_unknown_address_is_answered_the_same(client, with_mail):
    answer = client.post("/accounts/reset/", {"email": "nobody@example.org"})

    assert (answer.status_code, answer.url) == (302, "/accounts/reset/sent/")
    assert mail.outbox == []
