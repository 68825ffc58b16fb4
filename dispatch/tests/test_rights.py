"""Who may open which address of the schedules, and who sees which button."""

import pytest
from django.urls import get_resolver, reverse

from dispatch.models import Run
from dispatch.schedules.announce import announce
from dispatch.tests.pages import text
from monitor.crontab import lines

pytestmark = pytest.mark.django_db

ALL = {"researcher", "operator", "admin"}
OPERATORS = ALL - {"researcher"}
ADMINS = {"admin"}
# Each address, how it is asked for, and who may.
ADDRESSES = {
    "index": ("get", ALL),
    "schedule": ("get", ALL),
    "slots": ("get", ALL),
    "runs": ("get", ALL),
    "run": ("get", ALL),
    "run-progress": ("get", ALL),
    "run-log": ("get", ALL),
    "run-cancel": ("post", OPERATORS),
    "run-retry": ("post", OPERATORS),
    "pause": ("post", OPERATORS),
    "resume": ("post", OPERATORS),
    "skip": ("post", OPERATORS),
    "unskip": ("post", OPERATORS),
    "run-now": ("post", OPERATORS),
    "new": ("get", ADMINS),
    "edit": ("get", ADMINS),
    "copy": ("get", ADMINS),
    "test": ("get", ADMINS),
    "remove": ("get", ADMINS),
    "restore": ("post", ADMINS),
    "mend": ("post", ADMINS),
}
BUTTONS = {
    "Edit": ADMINS,
    "Test": ADMINS,
    "Copy": ADMINS,
    "Remove…": ADMINS,
    "Run now": OPERATORS,
    "Pause": OPERATORS,
    "Skip the next slot": OPERATORS,
}


@pytest.fixture
def made(schedule):
    announce(schedule)
    lines.sync()
    return schedule


@pytest.fixture
def addresses(made):
    """Where each of them leads."""
    run = Run.objects.create(schedule=made)
    words = {"slug": made.slug, "pk": run.pk}
    patterns = get_resolver("dispatch.urls").url_patterns
    return {
        one.name: reverse(
            f"dispatch:{one.name}",
            kwargs={name: words[name] for name in one.pattern.converters},
        )
        for one in patterns
    }


def test_every_address_stands_in_the_table(addresses):
    assert addresses.keys() == ADDRESSES.keys()


@pytest.mark.parametrize("role", sorted(ALL))
def test_each_role_opens_what_it_may_and_nothing_else(client, person, addresses, role):
    client.force_login(person(role, "somebody"))
    opened = {
        name: getattr(client, how)(addresses[name]).status_code != 403
        for name, (how, _) in ADDRESSES.items()
    }

    assert opened == {name: role in who for name, (_, who) in ADDRESSES.items()}


def test_strangers_and_people_without_a_role_open_nothing(
    client, addresses, django_user_model
):
    for name, (how, _) in ADDRESSES.items():
        answer = getattr(client, how)(addresses[name])
        assert answer.status_code in (302, 403)
        assert answer.status_code == 403 or "/accounts/login/" in answer.url

    client.force_login(django_user_model.objects.create_user("guest"))
    for name, (how, _) in ADDRESSES.items():
        assert getattr(client, how)(addresses[name]).status_code == 403


@pytest.mark.parametrize("role", sorted(ALL))
def test_what_a_role_may_not_do_is_not_shown(client, person, addresses, role):
    client.force_login(person(role, "somebody"))
    page = text(client.get(addresses["schedule"]))

    shown = {label: f">{label}<" in page for label in BUTTONS}
    assert shown == {label: role in who for label, who in BUTTONS.items()}


def test_what_changes_something_is_asked_for_by_post(client, admin, addresses):
    client.force_login(admin)
    for name, (how, _) in ADDRESSES.items():
        if how == "post":
            assert client.get(addresses[name]).status_code == 405
