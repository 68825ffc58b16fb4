"""The first page and the navigation, for each role."""

import pytest

from registry import serving
from registry.ship import register_shipped
from showroom.models import Batch

pytestmark = pytest.mark.django_db

NAV = {
    "researcher": ["Home", "Showroom", "Registry"],
    "operator": ["Home", "Showroom", "Registry", "Monitor"],
    "admin": ["Home", "Showroom", "Registry", "Monitor", "People"],
}


@pytest.fixture(autouse=True)
def nothing_cached():
    serving._at_alias.cache_clear()
    serving._scorer.cache_clear()


@pytest.fixture
def champion():
    register_shipped()
    return serving.champion().version


@pytest.mark.parametrize("role", NAV)
def test_the_navigation_shows_what_the_role_may_open(client, person, role):
    client.force_login(person(role))

    nav = client.get("/").context["site"].nav

    assert [entry.label for entry in nav] == NAV[role]
    assert [entry.label for entry in nav if entry.active] == ["Home"]
    for entry in nav:
        page = client.get(entry.url)
        assert page.status_code == 200, entry.label
        if entry.label != "People":  # Django's own pages have their own navigation
            shown = page.context["site"].nav
            assert [e.label for e in shown if e.active] == [entry.label]


def test_a_stranger_sees_no_navigation(client):
    page = client.get("/accounts/login/")

    assert page.context["site"].nav == []
    assert "<nav" not in page.content.decode()


def test_an_account_without_role_is_told_whom_to_ask(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("newt"))

    page = client.get("/")

    assert [entry.label for entry in page.context["site"].nav] == ["Home"]
    assert "Your account has no role yet." in page.content.decode()
    assert "Classify candidates" not in page.content.decode()


def test_the_champion_is_shown_with_its_figures(client, person, champion):
    client.force_login(person("researcher"))

    page = client.get("/")

    assert page.context["champion"] == champion
    shown = page.content.decode()
    recall = champion.card["metrics"]["holdout"]["recall"]["value"]
    assert f"<dt>Recall</dt><dd>{recall:.3f}</dd>" in shown
    assert f'href="{champion.get_absolute_url()}"' in shown


def test_a_site_without_champion_says_that_nothing_can_be_classified(client, person):
    client.force_login(person("researcher"))

    shown = client.get("/").content.decode()

    assert "Nothing can be classified: There is no version pulsar@champion." in shown


def test_the_newest_batches_that_one_may_see_are_shown(client, person, champion):
    ana, rex = person("researcher", "ana"), person("researcher", "rex")
    for number in range(10):
        Batch.objects.create(owner=ana, title=f"batch-{number}", version=champion)
    Batch.objects.create(owner=ana, title="hers alone", version=champion, private=True)

    def listed(user) -> list[str]:
        client.force_login(user)
        return [batch.title for batch in client.get("/").context["batches"]]

    open_ones = [f"batch-{number}" for number in range(9, -1, -1)]
    assert listed(rex) == open_ones[:8]
    assert listed(ana) == ["hers alone", *open_ones[:7]]


def test_the_first_page_cannot_be_posted_to(client, person):
    client.force_login(person("researcher"))

    assert client.post("/").status_code == 405
