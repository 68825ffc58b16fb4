"""Clients that ask again as soon as they are answered, by connections kept open.

As little as can be is done by them: the bytes of a request are made once, and of an
answer only the status and the length are looked at. That is told as processor time.
"""

import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import NamedTuple

_PATIENCE = 300
_AT_ONCE = 1 << 18


class Load(NamedTuple):
    """Seconds that each answer took, of all of them, and of the clients' processor."""

    took: list[float]
    wall: float
    processor: float


def request(path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """The bytes of a POST."""
    told = {
        "Host": "127.0.0.1",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **headers,
    }
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {of}" for name, of in told.items())]
    return "\r\n".join([*lines, "\r\n"]).encode() + body


def keep_asking(port: int, asked: bytes, clients: int, seconds: float) -> Load:
    """Have so many clients ask for so long, each of them once at least."""
    begun, spent = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(clients) as pool:
        going = [
            pool.submit(list, _until(port, asked, begun + seconds))
            for _ in range(clients)
        ]
        took = [one for client in going for one in client.result()]
    return Load(took, time.perf_counter() - begun, time.process_time() - spent)


def together(loads: Iterable[Load]) -> Load:
    """All of them, as one that took as long."""
    took, wall, processor = zip(*loads, strict=True)
    return Load([*chain(*took)], sum(wall), sum(processor))


def _until(port: int, asked: bytes, end: float) -> Iterator[float]:
    with socket.create_connection(("127.0.0.1", port), _PATIENCE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            begun = time.perf_counter()
            answer(connection, asked)
            ended = time.perf_counter()
            yield ended - begun
            if ended > end:
                return


def ask(port: int, asked: bytes) -> bytes:
    """Ask once, and give what was answered."""
    with socket.create_connection(("127.0.0.1", port), _PATIENCE) as connection:
        return answer(connection, asked)


def answer(connection: socket.socket, asked: bytes) -> bytes:
    """Send a request and read all of its answer, which must be 200."""
    connection.sendall(asked)
    read = bytearray()
    while (end := read.find(b"\r\n\r\n")) < 0:
        read += _more(connection)
    head, _, _ = bytes(read).partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): of for name, _, of in (s.partition(": ") for s in lines)}
    whole = end + 4 + int(headers["content-length"])
    while len(read) < whole:
        read += _more(connection)
    body = bytes(read[end + 4 :])
    if status.split()[1] != "200":
        raise SystemExit(f"{status}: {body[:500].decode()}")
    return body


def _more(connection: socket.socket) -> bytes:
    if content := connection.recv(_AT_ONCE):
        return content
    raise SystemExit("The server has closed the connection in the middle.")
