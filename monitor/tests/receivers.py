"""Those who are told, as real servers on this machine."""

import base64
import hashlib
import hmac
import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from monitor.models import Channel, Delivery


class Heard(NamedTuple):
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


class Server(ThreadingHTTPServer):
    """One at which many may knock in the same moment."""

    request_queue_size = 64
    # Whoever hangs is not waited for.
    daemon_threads = True
    block_on_close = False


class Receiver:
    """An HTTP server that gives its answers one after the other, then 204."""

    def __init__(self, *answers: int | str | Callable[[], None]) -> None:
        self.heard: list[Heard] = []
        self.answers = list(answers)
        self.url = ""
        # Set at the end: whoever hangs goes then.
        self.over = threading.Event()

    def hang(self) -> None:
        """An answer that does not come."""
        self.over.wait(60)


@contextmanager
def receiver(*answers: object) -> Iterator[Receiver]:
    """Start one; "redirect" and "hang" are answers too."""
    said = Receiver(*answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            headers = {key.lower(): value for key, value in self.headers.items()}
            said.heard.append(Heard(self.path, headers, self.rfile.read(length)))
            answer = said.answers.pop(0) if said.answers else 204
            if answer == "hang":
                said.hang()
                return
            self.send_response(302 if answer == "redirect" else answer)
            if answer == "redirect":
                self.send_header("Location", f"{said.url}/elsewhere")
            text = b"" if answer == 204 else f"no {self.path} here".encode()
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *args: object) -> None:
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        said.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield said
        said.over.set()
        server.shutdown()


@contextmanager
def mail_server(**answers: str) -> Iterator[tuple[int, list[str]]]:
    """An SMTP server: its port, and what it took. With MAIL="451 Later" it says so."""
    taken: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 ready")
            while line := self.rfile.readline().decode():
                verb = line[:4].upper()
                if verb == "DATA":
                    self._say("354 go on")
                    taken.append(self._message())
                    self._say("250 taken")
                elif verb == "QUIT":
                    self._say("221 bye")
                    return
                else:
                    self._say(answers.get(verb, "250 well"))

        def _message(self) -> str:
            lines = iter(lambda: self.rfile.readline().decode(), ".\r\n")
            return "".join(lines)

        def _say(self, words: str) -> None:
            self.wfile.write(f"{words}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield server.server_address[1], taken
        server.shutdown()


def webhook(url: str, name: str = "Hook", **values: object) -> Channel:
    """A webhook whose secret the tests know."""
    return Channel.objects.create(
        name=name, kind="webhook", address=url, secret=SECRET, **values
    )


SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def state(delivery: Delivery) -> tuple[str, int, str]:
    """What became of it: its state, tries and error."""
    delivery.refresh_from_db()
    return delivery.state, delivery.tries, delivery.error


def told(receiver: Receiver) -> list[str]:
    """What it believes, in words: alert.opened database-events."""
    return [_words(heard) for heard in receiver.heard]


def _words(heard: Heard) -> str:
    if heard.headers["webhook-signature"] != _signature(heard):
        return "unsigned"
    said = json.loads(heard.body)
    return f"{said['type']} {said['data'].get('cause', '')}"


def _signature(heard: Heard) -> str:
    """As standardwebhooks.com has it."""
    headers = heard.headers["webhook-id"], heard.headers["webhook-timestamp"]
    signed = ".".join(headers).encode() + b"." + heard.body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def bodies(receiver: Receiver) -> list[dict]:
    """What it was sent."""
    return [json.loads(heard.body) for heard in receiver.heard]
