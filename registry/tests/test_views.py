"""The registry's pages."""

import pytest
from django.urls import reverse

from registry.ship import register_shipped

pytestmark = pytest.mark.django_db


def test_the_list_shows_every_version_with_its_stage_and_history(client, person):
    versions = register_shipped()
    client.force_login(person("researcher"))
    page = client.get(reverse("registry:versions")).content.decode()

    for version in versions:
        assert f'href="{version.get_absolute_url()}"' in page
    assert page.count("Production") == 1
    assert "shipped as champion" in page


def test_an_empty_registry_says_what_to_do(client, person):
    client.force_login(person("researcher"))

    page = client.get(reverse("registry:versions")).content.decode()
    assert "manage.py registry_ship" in page


def test_a_version_shows_what_its_card_says(client, person):
    version = register_shipped()[0]
    client.force_login(person("researcher"))
    response = client.get(version.get_absolute_url())

    page = response.content.decode()
    assert version.sha256 in page
    assert "random forest" in page
    figures = response.context["figures"]
    assert figures.splits == [
        "hold-out",
        "stratified folds",
        "grouped by pointing",
        "later year",
    ]
    recall = figures.lines[0]
    assert recall.label == "Recall"
    assert all(0.5 < figure["value"] <= 1 for figure in recall.values)


@pytest.mark.parametrize("address", ["/registry/", "/registry/pulsar/1/"])
def test_pages_are_for_those_who_may_see_versions(client, django_user_model, address):
    register_shipped()
    assert client.get(address).status_code == 302

    client.force_login(django_user_model.objects.create_user("guest"))
    assert client.get(address).status_code == 403


def test_a_version_that_is_not_there_is_404(client, person):
    client.force_login(person("researcher"))

    assert client.get("/registry/pulsar/77/").status_code == 404
