"""A signed request: whoever has the secret can tell that it is ours."""

import base64
import hashlib
import hmac
import json

import pytest
from django.utils.timezone import now

from conftest import free_port
from monitor.models import Channel, Delivery
from monitor.telling import tell
from monitor.telling import webhook as verb
from monitor.telling.deliver import deliver
from monitor.telling.outcome import Outcome
from monitor.tests.receivers import SECRET, receiver, state, webhook

pytestmark = pytest.mark.django_db


def tried(url: str) -> Delivery:
    delivery = tell.trial(webhook(url))
    deliver()
    return delivery


def test_the_request_is_signed_as_standard_webhooks_has_it():
    with receiver() as there:
        delivery = tried(f"{there.url}/hooks?token=abc")
    (heard,) = there.heard
    assert heard.path == "/hooks?token=abc"
    assert heard.headers["content-type"] == "application/json"
    assert heard.headers["webhook-id"] == str(delivery.uuid)
    assert abs(int(heard.headers["webhook-timestamp"]) - now().timestamp()) < 60

    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    identifier, timestamp = (heard.headers[f"webhook-{n}"] for n in ("id", "timestamp"))
    signed = b".".join([identifier.encode(), timestamp.encode(), heard.body])
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert heard.headers["webhook-signature"] == f"v1,{expected}"

    body = json.loads(heard.body)
    assert (body["type"], body["data"]) == ("channel.tested", {"channel": "Hook"})
    assert set(body) == {"type", "timestamp", "data"}


def test_the_signature_is_the_one_of_the_standards_own_example():
    signature = verb.sign(
        SECRET,
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "1614265330",
        b'{"test": 2432232314}',
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_each_secret_is_another():
    secrets = {verb.new_secret() for _ in range(3)}
    assert len(secrets) == 3
    for secret in secrets:
        assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32


@pytest.mark.parametrize("status", [200, 201, 204])
def test_it_has_arrived_when_the_answer_says_so(status):
    with receiver(status) as there:
        assert state(tried(there.url)) == ("sent", 1, "")


def test_a_redirect_is_not_followed():
    with receiver("redirect") as there:
        words = "It answered 302 and points to 127.0.0.1; that is not followed."
        assert state(tried(f"{there.url}/from")) == ("failed", 1, words)
    assert [heard.path for heard in there.heard] == ["/from"]


def test_an_answer_may_quote_the_address_and_the_page_does_not():
    with receiver(404) as there:
        words = state(tried(f"{there.url}/services/T0KEN-of-ours"))
    assert words == ("failed", 1, "It answered 404 Not Found: no /***/*** here")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (f"http://127.0.0.1:{free_port()}/", "It refused the connection."),
        ("http://nobody.invalid/", "Its name is unknown (DNS failed)."),
        ("http://[::1/", "It could not be reached: "),
    ],
    ids=["refused", "unknown", "nonsense"],
)
def test_who_cannot_be_reached_is_told_in_words(url, words):
    found, _, said = state(tried(url))
    assert found == "failed"
    assert said.startswith(words)


def test_one_who_is_silent_is_told_in_words():
    with receiver("hang") as there:
        channel = webhook(there.url)
        outcome = verb.send(tell.trial(channel), within=0.2)
    assert outcome == Outcome(arrived=False, words="It timed out.")


def test_one_who_speaks_no_tls_is_told_in_words():
    with receiver() as there:
        _, _, said = state(tried(there.url.replace("http:", "https:")))
    assert said.startswith("No safe connection: ")


def test_no_secret_is_in_the_log(caplog):
    with receiver(500) as there:
        tried(f"{there.url}/services/T0KEN-of-ours")
    assert "did not arrive: It answered 500" in caplog.text
    assert "T0KEN" not in caplog.text
    assert SECRET not in caplog.text
    assert Channel.objects.get().secret == SECRET
