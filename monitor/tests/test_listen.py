"""Where the site listens: refused in one line with the way out, or found alive."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from monitor.processes import listen
from monitor.processes.supervise import Refused

EVERYWHERE = "0.0.0.0"  # noqa: S104  # what bin/serve --host is given


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(listen, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_free_port_is_accepted(taken: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        free = other.getsockname()[1]
    listen.claim("127.0.0.1", free)


def test_a_taken_port_is_refused_with_the_way_out(taken: int) -> None:
    with pytest.raises(Refused) as refused:
        listen.claim("127.0.0.1", taken)
    assert str(refused.value) == (
        f"Port {taken} is taken: bin/serve --port {taken + 1}"
    )


def test_a_foreign_address_is_refused() -> None:
    with pytest.raises(Refused, match=r"^192\.0\.2\.1 is not this machine"):
        listen.claim("192.0.2.1", 8100)


@pytest.mark.parametrize(
    ("host", "names", "address"),
    [
        ("127.0.0.1", ["127.0.0.1"], "http://127.0.0.1:8100/"),
        ("pulsars.lan", ["pulsars.lan"], "http://pulsars.lan:8100/"),
        ("::1", ["[::1]"], "http://[::1]:8100/"),
    ],
)
def test_a_site_answers_to_the_host_it_was_given(
    host: str, names: list[str], address: str
) -> None:
    assert listen.names(host) == names
    assert listen.address(host, 8100) == address


def test_a_site_that_listens_everywhere_answers_to_the_names_of_this_machine() -> None:
    names = listen.names(EVERYWHERE)
    assert {socket.gethostname().lower(), "127.0.0.1"} <= set(names)
    assert "*" not in names
    assert listen.address(EVERYWHERE, 8100) == f"http://{socket.gethostname()}:8100/"


class Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_a_site_is_ready_when_it_answers(taken: int) -> None:
    with HTTPServer(("127.0.0.1", 0), Healthy) as server:
        threading.Thread(target=server.handle_request).start()
        assert listen.answers(EVERYWHERE, server.server_port)
    assert not listen.answers("127.0.0.1", server.server_port)
