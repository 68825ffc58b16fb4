"""Where a request comes from."""

import pytest

from accounts.requests import client_address


@pytest.mark.parametrize(
    ("behind_proxy", "expected"), [(False, "10.0.0.9"), (True, "192.0.2.7")]
)
def test_only_a_proxy_that_is_configured_is_believed(
    rf, settings, behind_proxy, expected
):
    site = settings.PULSAR.site.model_copy(update={"behind_proxy": behind_proxy})
    settings.PULSAR = settings.PULSAR.model_copy(update={"site": site})
    request = rf.get(
        "/",
        REMOTE_ADDR="10.0.0.9",
        headers={"X-Forwarded-For": "203.0.113.1, 192.0.2.7"},
    )

    assert client_address(request) == expected


def test_a_proxy_that_says_nothing_is_taken_for_the_client(rf, settings):
    site = settings.PULSAR.site.model_copy(update={"behind_proxy": True})
    settings.PULSAR = settings.PULSAR.model_copy(update={"site": site})

    assert client_address(rf.get("/", REMOTE_ADDR="10.0.0.9")) == "10.0.0.9"
