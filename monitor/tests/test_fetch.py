"""A file comes from the network whole, or the reason does."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from monitor import fetch as fetching
from monitor.fetch import NotFetched, fetch

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def served(answer: Answer) -> Iterator[str]:
    """A server on this machine that answers so; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    thread = threading.Thread(target=partial(server.serve_forever, 0.02))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/table.csv"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def sends(body: bytes, status: int = 200, **headers: str) -> Answer:
    """An answer with this body, and no length unless one is told."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def test_a_file_comes_piece_by_piece_and_says_how_much_is_here(tmp_path):
    body = bytes(range(256)) * 4096
    seen = []
    with served(sends(body, Content_Length=str(len(body)))) as url:
        fetch(
            url,
            tmp_path / "file",
            most=len(body),
            seen=lambda done, of: seen.append((done, of)),
        )

    assert (tmp_path / "file").read_bytes() == body
    assert seen[-1] == (len(body), len(body))
    assert sorted(seen) == seen


@pytest.mark.parametrize("length", [{}, {"Content_Length": "1048577"}])
def test_more_than_is_taken_is_refused_told_or_not(tmp_path, length):
    with (
        served(sends(bytes(2**20 + 1), **length)) as url,
        pytest.raises(NotFetched, match=r"sends more than 1 MB\.$"),
    ):
        fetch(url, tmp_path / "file", most=2**20)
    assert not (tmp_path / "file").exists()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (sends(b"gone", 404), "answered 404 Not Found."),
        (sends(b"no", 500), "answered 500 Internal Server Error."),
        (sends(b"half", Content_Length="10"), "broke off after 4 of 10 bytes."),
        (sends(b"", 302, Location="file:///etc/passwd"), "not allowed"),
        (sends(b"", 302, Location="ftp://127.0.0.1/x"), "which is not the web."),
        (sends(b"", 302, Location="/table.csv"), "infinite loop"),
    ],
)
def test_what_fails_says_why_and_leaves_nothing(tmp_path, answer, words):
    with served(answer) as url, pytest.raises(NotFetched) as refusal:
        fetch(url, tmp_path / "file", most=2**20)

    assert words in str(refusal.value)
    assert not (tmp_path / "file").exists()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y", "table.csv", "//["])
def test_only_web_addresses_are_asked(tmp_path, url):
    with pytest.raises(NotFetched, match="is no web address; give a file by --file"):
        fetch(url, tmp_path / "file", most=1)


def test_a_server_that_is_silent_or_drips_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(fetching, "_SILENT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(NotFetched, match=r"did not answer within 0\.2 s\.$"):
            fetch(url, tmp_path / "file", most=1)

    monkeypatch.setattr(fetching, "_MOST_SECONDS", 0.2)
    over = threading.Event()

    def drips(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not over.wait(0.02):
            try:
                handler.wfile.write(b".")
            except OSError:
                return

    with served(drips) as url, pytest.raises(NotFetched, match="too slow"):
        fetch(url, tmp_path / "file", most=2**20)
    over.set()
    assert not (tmp_path / "file").exists()


def test_a_redirect_within_the_web_is_followed(tmp_path):
    with (
        served(sends(b"a table")) as there,
        served(sends(b"", 302, Location=there)) as url,
    ):
        fetch(url, tmp_path / "file", most=2**20)
    assert (tmp_path / "file").read_bytes() == b"a table"
