"""Somebody else's program that is told by a signed webhook."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import NamedTuple

SECRET = "whsec_" + base64.b64encode(b"thirty-two bytes of nobody else.").decode()


class Receiver(NamedTuple):
    """Its address, and what it was told in words: alert.opened database-events."""

    url: str
    told: list[str]


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Listen until the end of the block; what is not signed rightly is refused."""
    told: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            is_signed = self.headers["webhook-signature"] == self.signature(body)
            self.send_response(204 if is_signed else 401)
            self.end_headers()
            said = json.loads(body)
            cause = said["data"].get("cause", "")
            told.append(f"{said['type']} {cause}" if is_signed else "unsigned")

        def signature(self, body: bytes) -> str:
            """As standardwebhooks.com has it."""
            headers = self.headers["webhook-id"], self.headers["webhook-timestamp"]
            signed = ".".join(headers).encode() + b"." + body
            key = base64.b64decode(SECRET.removeprefix("whsec_"))
            digest = hmac.new(key, signed, hashlib.sha256).digest()
            return f"v1,{base64.b64encode(digest).decode()}"

        def log_message(self, *arguments: object) -> None:
            """Not into the output of the tests."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield Receiver(f"http://127.0.0.1:{server.server_port}/", told)
        server.shutdown()
