"""How each person wants the pages: zone and theme."""

from datetime import UTC, datetime

import pytest
from django.template import Context, Template
from django.utils import timezone

from accounts.models import Preference
from accounts.zones import activate

pytestmark = pytest.mark.django_db

PAGE = "/accounts/preferences/"


@pytest.fixture
def ana(client, person):
    ana = person("researcher", "ana")
    client.force_login(ana)
    return ana


def stored() -> list[tuple]:
    return list(Preference.objects.values_list("user__username", "zone", "theme"))


def test_looking_stores_nothing_and_asks_the_browser_for_its_zone(client, ana):
    page = client.get(PAGE).content.decode()

    assert stored() == []
    assert 'data-tell-zone="/accounts/zone/"' in page
    assert 'data-theme="auto"' in page
    assert ">UTC</a>" in page


def test_choices_are_stored_and_shown(client, ana):
    done = client.post(PAGE, {"zone": "Asia/Kolkata", "theme": "dark"}, follow=True)

    assert stored() == [("ana", "Asia/Kolkata", "dark")]
    page = done.content.decode()
    assert 'data-theme="dark"' in page
    assert "Times in" in page
    assert ">Asia/Kolkata</a>" in page
    assert "data-tell-zone" not in page


def test_a_zone_that_is_none_is_refused(client, ana):
    page = client.post(PAGE, {"zone": "Mars/Olympus", "theme": "dark"})

    assert page.status_code == 422
    assert list(page.context["form"].errors) == ["zone"]
    assert stored() == []


def test_the_browser_tells_its_zone_once_and_a_choice_stands(client, ana):
    first = client.post("/accounts/zone/", {"zone": "Europe/Berlin"})
    second = client.post("/accounts/zone/", {"zone": "America/Lima"})

    assert (first.status_code, second.status_code) == (204, 204)
    assert stored() == [("ana", "Europe/Berlin", "auto")]


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "x" * 99])
def test_a_browser_cannot_tell_a_zone_that_is_none(client, ana, zone):
    assert client.post("/accounts/zone/", {"zone": zone}).status_code == 422
    assert stored() == []


def test_the_zone_is_told_by_post_alone(client, ana):
    assert client.get("/accounts/zone/").status_code == 405


def test_a_page_is_in_the_viewers_zone_and_the_process_is_not(client, ana, rf):
    Preference.objects.learn_zone(ana.pk, "Asia/Kolkata")
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def view(_):
        return Template("{% load times %}{{ noon|moment }}").render(
            Context({"noon": noon})
        )

    request = rf.get("/")
    request.user = ana

    assert "2026-11-21 17:30</time>" in activate(view)(request)
    assert timezone.get_current_timezone_name() == "UTC"
