"""Who may open which address of the Monitor, and who sees which button."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import get_resolver, reverse
from django.urls.converters import IntConverter

from monitor.tests.pages import check, job, text

pytestmark = pytest.mark.django_db

OPERATORS = {"operator", "admin"}
ADMINS = {"admin"}
ROLES = ("researcher", "operator", "admin")
# Each address, how it is asked for, and who may.
ADDRESSES = {
    "index": ("get", OPERATORS),
    "look-now": ("post", OPERATORS),
    "check": ("get", OPERATORS),
    "check-now": ("post", OPERATORS),
    "jobs": ("get", OPERATORS),
    "job": ("get", OPERATORS),
    "job-pause": ("post", OPERATORS),
    "job-resume": ("post", OPERATORS),
    "job-skip": ("post", OPERATORS),
    "job-unskip": ("post", OPERATORS),
    "job-run": ("post", OPERATORS),
    "job-mend": ("post", OPERATORS),
    "crontab": ("get", OPERATORS),
    "crontab-mend": ("post", OPERATORS),
    "alerts": ("get", OPERATORS),
    "alert": ("get", OPERATORS),
    "alert-acknowledge": ("post", OPERATORS),
    "alert-close": ("post", OPERATORS),
    "rules": ("get", OPERATORS),
    "rule-new": ("get", ADMINS),
    "rule": ("get", ADMINS),
    "rule-switch": ("post", ADMINS),
    "rule-remove": ("post", ADMINS),
    "channels": ("get", OPERATORS),
    "channel-new": ("get", ADMINS),
    "channel": ("get", ADMINS),
    "channel-secret": ("post", ADMINS),
    "channel-test": ("post", ADMINS),
    "channel-remove": ("post", ADMINS),
    "deliveries": ("get", OPERATORS),
    "delivery-again": ("post", OPERATORS),
    "figures": ("get", OPERATORS),
    "figure": ("get", OPERATORS),
    "figure-csv": ("get", OPERATORS),
    "report": ("get", OPERATORS),
    "events": ("get", OPERATORS),
    "events-csv": ("get", OPERATORS),
}
PATTERNS = {one.name: one for one in get_resolver("monitor.urls").url_patterns}


def address(name: str) -> str:
    """One that fits; there need be no such thing."""
    kinds = PATTERNS[name].pattern.converters
    given = {
        key: 1 if isinstance(kind, IntConverter) else "nothing"
        for key, kind in kinds.items()
    }
    return reverse(f"monitor:{name}", kwargs=given)


def test_every_address_stands_in_the_table():
    assert PATTERNS.keys() == ADDRESSES.keys()


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_what_it_may_and_nothing_else(client, person, role, storage):
    client.force_login(person(role, "somebody"))
    opened = {
        name: getattr(client, how)(address(name)).status_code != 403
        for name, (how, _) in ADDRESSES.items()
    }

    assert opened == {name: role in who for name, (_, who) in ADDRESSES.items()}


def test_it_is_closed_to_researchers_however_they_ask(client, person):
    client.force_login(person("researcher"))
    for name in ADDRESSES:
        where = address(name)
        asked = {ask(where).status_code for ask in (client.get, client.post)}
        assert 403 in asked, name
        assert asked <= {403, 405}, name


def test_strangers_are_sent_to_the_log_in(client):
    for name, (how, _) in ADDRESSES.items():
        answer = getattr(client, how)(address(name))
        assert answer.status_code in (302, 403), name
        assert answer.status_code == 403 or "/accounts/login/" in answer.url


def test_what_changes_something_is_asked_for_by_post(client, person):
    client.force_login(person("admin"))
    for name, (how, _) in ADDRESSES.items():
        if how == "post" and name not in ("rule-remove", "channel-remove"):
            assert client.get(address(name)).status_code == 405, name


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("url", ["/", "/dispatch/", "/showroom/"])
def test_only_who_may_see_the_monitor_finds_the_way_to_it(client, person, role, url):
    client.force_login(person(role))
    page = text(client.get(url))

    assert ('href="/monitor/' in page) == (role in OPERATORS)


def test_who_may_only_see_is_offered_no_switch(client, django_user_model, storage):
    job("nightly")
    check("job-nightly")
    looker = django_user_model.objects.create_user("lou")
    looker.user_permissions.add(Permission.objects.get(codename="view_check"))
    client.force_login(looker)
    (storage / "crontab").write_text("")

    page = text(client.get("/monitor/jobs/nightly/"))
    for button in (">Pause<", ">Resume<", ">Run now<", ">Put it right<"):
        assert button not in page
    assert "Make this change" not in text(client.get("/monitor/crontab/"))
    for act in ("pause", "resume", "skip", "unskip", "run", "mend"):
        assert client.post(f"/monitor/jobs/nightly/{act}/").status_code == 403
    assert client.post("/monitor/crontab/mend/").status_code == 403
