"""What load balancers and watchers ask."""

import pytest
from django.db import connections
from django.db.utils import OperationalError

from registry import serving
from registry.models import Alias
from registry.ship import register_shipped

NO_MODEL = "There is no model in production that can be loaded."


@pytest.fixture(autouse=True)
def nothing_cached():
    serving._at_alias.cache_clear()
    serving._scorer.cache_clear()


@pytest.fixture
def shipped(db):
    register_shipped()


def refuse(*_):
    raise OperationalError("connect to db.internal as root failed")


def test_a_living_process_answers_without_database_or_log_in(client):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer["Cache-Control"]


def test_a_site_that_can_score_is_ready(client, shipped):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_without_a_champion_the_site_is_not_ready(client):
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "reasons": [NO_MODEL]}


def test_a_damaged_champion_is_not_ready_and_no_path_is_told(client, shipped):
    (alias,) = Alias.objects.filter(name="champion")
    (alias.version.folder / "model.onnx").write_bytes(b"")

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "reasons": [NO_MODEL]}


def test_without_its_database_the_site_is_not_ready_and_no_name_is_told(
    client, shipped
):
    with connections["default"].execute_wrapper(refuse):
        answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {
        "status": "not ready",
        "reasons": ["The database does not answer."],
    }


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_nothing_can_be_posted_there(client, address):
    assert client.post(address).status_code == 405
