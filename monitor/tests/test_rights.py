"""Whoever may not look after the site finds every page and button of it closed."""

import pytest
from django.urls import URLPattern, reverse
from django.urls.converters import IntConverter

from monitor import urls

pytestmark = pytest.mark.django_db


def address(pattern: URLPattern) -> str:
    """One that fits, whether there is such a thing or not."""
    kinds = pattern.pattern.converters
    values = {
        name: 1 if isinstance(kind, IntConverter) else "tick"
        for name, kind in kinds.items()
    }
    return reverse(f"monitor:{pattern.name}", kwargs=values)


@pytest.mark.parametrize("pattern", urls.urlpatterns, ids=lambda one: one.name)
def test_it_is_closed_to_researchers_however_they_ask(pattern, client, person):
    client.force_login(person("researcher"))
    asked = {client.get(address(pattern)).status_code}
    asked.add(client.post(address(pattern)).status_code)
    assert 403 in asked
    assert asked <= {403, 405}
