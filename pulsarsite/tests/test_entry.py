"""What the event log hears of people coming in."""

import pytest
from django.core import mail

from monitor.models import Outbox

pytestmark = pytest.mark.django_db

PASSWORD = "a long pass phrase"
NEW = {"new_password1": "another phrase here", "new_password2": "another phrase here"}


@pytest.fixture
def ana(person):
    ana = person("researcher", "ana")
    ana.email = "ana@example.org"
    ana.save()
    return ana


def log_in(client, password=PASSWORD):
    return client.post("/accounts/login/", {"username": "ana", "password": password})


def recorded() -> list[tuple]:
    return list(Outbox.objects.order_by("pk").values_list("kind", "about", "who"))


def test_a_log_in_is_recorded_and_a_wrong_password_is_not(client, ana):
    log_in(client, "wrong")
    log_in(client)

    assert recorded() == [("user.logged_in", "", str(ana.pk))]


def test_a_pause_is_recorded_once_however_long_the_guessing_goes_on(
    client, ana, settings
):
    for _ in range(settings.AXES_FAILURE_LIMIT + 3):
        last = log_in(client, "wrong")

    assert last.status_code == 429
    assert recorded() == [("user.locked_out", f"user {ana.pk}", "")]


def test_a_changed_password_is_recorded(client, ana):
    client.force_login(ana)
    client.post("/accounts/password/", {"old_password": "wrong", **NEW})
    client.post("/accounts/password/", {"old_password": PASSWORD, **NEW})

    assert recorded() == [("user.password_changed", "", str(ana.pk))]


def test_a_password_set_by_the_link_is_recorded(client, ana, settings):
    settings.EMAIL_HOST = "mail.example.org"
    client.post("/accounts/reset/", {"email": ana.email})
    link = mail.outbox[0].body.split("http://localhost:8000")[1].split()[0]
    form = client.get(link, follow=True)
    client.post(form.redirect_chain[-1][0], NEW)

    assert recorded() == [("user.password_changed", "", str(ana.pk))]


def test_a_password_set_by_an_admin_is_recorded_with_the_admins_name(
    client, ana, person
):
    admin = person("admin")
    client.force_login(admin)
    address = f"/admin/accounts/user/{ana.pk}/password/"
    wanted = {"password1": "another phrase", "usable_password": "true"}
    client.post(address, {**wanted, "password2": "something else"})
    client.post(address, {**wanted, "password2": "another phrase"})

    assert recorded() == [("user.password_changed", f"user {ana.pk}", str(admin.pk))]
