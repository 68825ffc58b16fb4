"""/api/v1/models: names of versions, and which of these have a name of their own."""

from datetime import UTC, datetime

import pytest

from registry.models import Alias, Model
from registry.tests.triggered import version_row

pytestmark = pytest.mark.django_db

URL = "/api/v1/models"
MADE = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def pulsar() -> dict:
    """A model with three versions, two of them named; how programs see it."""
    version_row(1, "champion")
    second = version_row(2, "challenger")
    version_row(3)
    Alias.objects.create(model=second.model, name="shadow", version=second)
    Model.objects.update(created_at=MADE)
    names = [("challenger", "Staging", 2), ("champion", "Production", 1)]
    return {
        "name": "pulsar",
        "kind": "classifier",
        "n_versions": 3,
        "aliases": [
            {"alias": name, "stage": stage, "version": f"pulsar/{n}", "number": n}
            for name, stage, n in [*names, ("shadow", None, 2)]
        ],
        "created_at": "2026-06-01T00:00:00Z",
    }


def test_models_are_listed_with_their_aliases(caller, pulsar):
    asking = caller("researcher")
    assert asking.get(URL).json() == {
        "previous": None,
        "next": None,
        "results": [pulsar],
    }
    assert asking.get(f"{URL}/pulsar").json() == pulsar


def test_many_versions_take_as_many_queries_as_one(
    caller, pulsar, django_assert_max_num_queries
):
    asking = caller("researcher")
    for number in range(4, 12):
        version_row(number, f"alias-{number}")
    with django_assert_max_num_queries(12):
        assert asking.get(URL).json()["results"][0]["n_versions"] == 11


@pytest.mark.parametrize(
    ("name", "status"), [("other", 404), ("a b", 422), ("a%00", 422), ("a" * 61, 422)]
)
def test_what_is_no_model_is_not_found(caller, pulsar, name, status):
    assert caller("researcher").get(f"{URL}/{name}").status_code == status


def test_strangers_see_none(client):
    assert client.get(URL).status_code == 401
