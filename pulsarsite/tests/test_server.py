"""What the site says of itself, to programs that know other model servers."""

import pytest

import pulsarsite
from registry.ship import register_shipped

pytestmark = pytest.mark.django_db


def test_a_stranger_learns_whether_it_lives_and_can_score(client):
    register_shipped()

    assert client.get("/v2/health/live").json() == {"live": True}
    assert client.get("/v2/health/ready").json() == {"ready": True}
    assert (client.get("/ping").status_code, client.get("/ping").content) == (
        200,
        b"\n",
    )


def test_without_a_champion_it_lives_and_is_not_ready(client):
    reason = "There is no model in production that can be loaded."

    assert client.get("/v2/health/live").status_code == 200
    ready, ping = client.get("/v2/health/ready"), client.get("/ping")
    assert (ready.status_code, ready.json()) == (
        503,
        {"ready": False, "error": reason},
    )
    assert (ping.status_code, ping.content.decode()) == (503, f"{reason}\n")


def test_who_is_known_learns_what_it_is(caller):
    register_shipped()
    program = caller("operator", read_only=True)

    assert program.get("/v2").json() == {
        "name": "pulsarsite",
        "version": pulsarsite.__version__,
        "extensions": ["binary_tensor_data"],
    }
    assert program.get("/version").content.decode() == pulsarsite.__version__
    assert program.get("/health").status_code == 200


@pytest.mark.parametrize("path", ["/v2", "/version", "/health", "/v2/nothing"])
def test_a_stranger_learns_no_more(client, path):
    response = client.get(path)

    assert response.status_code in {401, 404}
    assert set(response.json()) == {"error"}
