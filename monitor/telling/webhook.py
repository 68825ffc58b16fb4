"""Messages as signed requests, in the way of Standard Webhooks."""

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import socket
import ssl
import urllib.error
import urllib.request
from http import HTTPStatus
from urllib.parse import urlsplit

from django.utils.timezone import now

from monitor.models import Delivery
from monitor.telling.outcome import ARRIVED, Outcome, failed

# So much of an answer is read, to say what went wrong.
LONGEST_ANSWER = 2000
_PREFIX = "whsec_"


def new_secret() -> str:
    """A key for signatures, in the form in which receivers expect it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, identifier: str, timestamp: str, body: bytes) -> str:
    """The signature over what is sent, by the key that the receiver has too."""
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    signed = f"{identifier}.{timestamp}.".encode() + body
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def send(delivery: Delivery, within: float) -> Outcome:
    """Post it; only an answer 2xx means that it arrived."""
    channel = delivery.channel
    try:
        with _opener().open(_request(delivery), timeout=within) as answer:
            return _judge(delivery, answer)
    except urllib.error.URLError as error:
        return failed(_words(error.reason), channel)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return failed(_words(error), channel)


def _opener() -> urllib.request.OpenerDirector:
    """One that follows no redirect: the signature is for this receiver alone."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _request(delivery: Delivery) -> urllib.request.Request:
    channel, identifier = delivery.channel, str(delivery.uuid)
    body = json.dumps(delivery.body, ensure_ascii=False).encode()
    timestamp = str(int(now().timestamp()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "pulsarsite",
        "webhook-id": identifier,
        "webhook-timestamp": timestamp,
        "webhook-signature": sign(channel.secret, identifier, timestamp, body),
    }
    return urllib.request.Request(channel.address, body, headers, method="POST")  # noqa: S310  # the form takes http and https alone


def _judge(delivery: Delivery, answer: http.client.HTTPResponse) -> Outcome:
    channel, status = delivery.channel, answer.status
    if status // 100 == 2:
        return ARRIVED
    if status == HTTPStatus.GONE:
        words = "The receiver says 410 Gone: it wants nothing more. Switched off."
        return failed(words, channel, gone=True)
    if status // 100 == 3:
        where = urlsplit(answer.headers.get("Location", "")).hostname or "another page"
        words = f"It answered {status} and points to {where}; that is not followed."
        return failed(words, channel)
    said = answer.read(LONGEST_ANSWER).decode("utf-8", "replace")
    return failed(f"It answered {status} {answer.reason}: {said}", channel)


def _words(reason: object) -> str:
    """The words for what a network does, as everywhere on the Monitor."""
    match reason:
        case socket.gaierror():
            return "Its name is unknown (DNS failed)."
        case ssl.SSLError():
            return f"No safe connection: {reason.reason or reason}"
        case ConnectionRefusedError():
            return "It refused the connection."
        case TimeoutError():
            return "It timed out."
        case http.client.RemoteDisconnected():
            return "It closed the connection without an answer."
    return f"It could not be reached: {reason}"
