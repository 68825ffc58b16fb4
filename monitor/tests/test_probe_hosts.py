"""Hosts: what sockets on this machine answer, in words, by one deadline."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from errno import EHOSTUNREACH
from typing import NamedTuple

import pytest

from conftest import free_port, require
from monitor.probes.hosts import look

DEADLINE = 0.5
UP, REFUSED, TIMED_OUT = "up", "refused", "timed out"
NO_ROUTE, DNS_FAILED = "no route", "DNS failed"
BOTH = ["127.0.0.1", "::1"]


class Host(NamedTuple):
    name: str
    address: str
    port: int


class Names:
    """A resolver that knows these names, and that others do not exist."""

    def __init__(self, **known: list[str] | Exception | threading.Event) -> None:
        self.known = known

    def __call__(self, name: str, port: int, family: int, kind: int) -> list[tuple]:
        found = self.known.get(name, [])
        if isinstance(found, threading.Event):
            found.wait()
        if isinstance(found, Exception):
            raise found
        if found == [] or isinstance(found, threading.Event):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        version = ":" if family == socket.AF_INET6 else "."
        mine = [address for address in found if version in address]
        if not mine:
            raise socket.gaierror(socket.EAI_NODATA, "No address")
        return [
            answer
            for address in mine
            for answer in socket.getaddrinfo(address, port, family, kind)
        ]


@pytest.fixture(autouse=True, scope="module")
def ipv6() -> None:
    require(socket.has_dualstack_ipv6(), "this machine has no IPv6")


@pytest.fixture
def listening() -> Iterator[Callable[..., int]]:
    """The port of a new server that listens at these addresses."""
    with ExitStack() as servers:

        def listen(*addresses: str) -> int:
            port = free_port()
            for address in addresses:
                family = socket.AF_INET6 if ":" in address else socket.AF_INET
                server = socket.create_server((address, port), family=family)
                servers.enter_context(closing(server))
            return port

        yield listen


@pytest.fixture
def black_hole() -> Iterator[int]:
    """The port of a server whose queue is full: what knocks there hears nothing."""
    with ExitStack() as opened:
        server = socket.create_server(("127.0.0.1", 0), backlog=0)
        opened.enter_context(closing(server))
        for _ in range(4):
            knocking = opened.enter_context(closing(socket.socket()))
            knocking.setblocking(False)
            knocking.connect_ex(server.getsockname())
        yield server.getsockname()[1]


def found(address: str, port: int, resolve=socket.getaddrinfo) -> tuple:
    """State, summary and verdicts of one host."""
    [(slug, reading)] = look([Host("one", address, port)], DEADLINE, resolve)
    assert slug == "host-one"
    verdicts = {
        family: side["verdict"] for family, side in reading.detail["families"].items()
    }
    return str(reading.state), reading.summary, verdicts


def test_a_literal_address_has_a_verdict_of_its_family_alone(listening):
    assert found("127.0.0.1", listening("127.0.0.1")) == ("up", "up", {"IPv4": UP})
    assert found("::1", listening("::1")) == ("up", "up", {"IPv6": UP})
    assert found("[::1]", listening("::1")) == ("up", "up", {"IPv6": UP})


def test_nobody_listens_there(listening):
    refused = ("down", "refused", {"IPv4": REFUSED})
    assert found("127.0.0.1", listening()) == refused


def test_who_does_not_answer_is_timed_out_and_told_as_offline(black_hole):
    silent = ("down", "offline", {"IPv4": TIMED_OUT})
    assert found("127.0.0.1", black_hole) == silent


def test_an_address_that_no_way_leads_to():
    # A group of machines: nobody connects to those.
    assert found("ff02::1%lo", 9) == ("down", "no route", {"IPv6": NO_ROUTE})


def test_a_zone_that_this_machine_does_not_have():
    no_zone = ("down", "no route", {"IPv6": NO_ROUTE})
    assert found("fe80::1%nowhere", 9) == no_zone


def test_a_name_with_both_families_up(listening):
    names = Names(both=BOTH)
    both = ("up", "up", {"IPv4": UP, "IPv6": UP})
    assert found("both", listening(*BOTH), names) == both


def test_a_dead_ipv6_beside_a_live_ipv4_is_said_and_so_is_the_mirror(listening):
    names = Names(both=BOTH)
    dead_6 = ("up", "up, IPv6 down", {"IPv4": UP, "IPv6": REFUSED})
    assert found("both", listening("127.0.0.1"), names) == dead_6
    dead_4 = ("up", "up, IPv4 down", {"IPv4": REFUSED, "IPv6": UP})
    assert found("both", listening("::1"), names) == dead_4


def test_both_families_dead_in_ways_of_their_own(black_hole):
    verdicts = {"IPv4": TIMED_OUT, "IPv6": REFUSED}
    dead = ("down", "IPv4 offline, IPv6 refused", verdicts)
    assert found("both", black_hole, Names(both=BOTH)) == dead


def test_a_name_of_one_family_lacks_nothing(listening):
    names = Names(four=["127.0.0.1"], six=["::1"])
    assert found("six", listening("::1"), names) == ("up", "up", {"IPv6": UP})
    refused = ("down", "refused", {"IPv4": REFUSED})
    assert found("four", listening(), names) == refused


def test_one_live_address_of_several_makes_its_family_live(listening):
    names = Names(many=["127.0.0.2", "127.0.0.1", "127.0.0.3"])
    port = listening("127.0.0.1")
    [(_, reading)] = look([Host("one", "many", port)], DEADLINE, names)
    addresses = reading.detail["families"]["IPv4"].pop("addresses")
    assert {one["address"]: (one["verdict"], one["words"]) for one in addresses} == {
        "127.0.0.1": (UP, ""),
        "127.0.0.2": (REFUSED, "Connection refused"),
        "127.0.0.3": (REFUSED, "Connection refused"),
    }
    assert all(0 < one["ms"] < DEADLINE * 1000 for one in addresses)
    assert reading.detail == {
        "address": "many",
        "port": port,
        "families": {"IPv4": {"verdict": UP, "words": ""}},
    }
    assert reading.summary == "up"


def test_a_resolver_that_fails():
    both = {"IPv4": DNS_FAILED, "IPv6": DNS_FAILED}
    assert found("nobody", 9, Names()) == ("down", "DNS failed", both)
    names = Names(ill=socket.gaierror(socket.EAI_AGAIN, "Try again later"))
    assert found("ill", 9, names) == ("down", "DNS failed", both)
    assert found("a..b" * 70, 9) == ("down", "DNS failed", both)


def test_a_resolver_that_is_slow_hides_no_other_host_nor_the_other_family(listening):
    port = listening("127.0.0.1")
    with closing(Slow()) as slow:

        def resolve(name, port, family, kind):
            if name == "slow" or (name == "half" and family == socket.AF_INET6):
                slow.hangs.wait()
            return socket.getaddrinfo("127.0.0.1", port, family, kind)

        names = ["slow", "half", "127.0.0.1"]
        all_hosts = [Host(f"n{n}", name, port) for n, name in enumerate(names)]
        readings = dict(look(all_hosts, DEADLINE, resolve))
    assert [reading.summary for reading in readings.values()] == [
        "DNS failed",
        "up, IPv6 down",
        "up",
    ]
    silence = "The resolver did not answer within 0.5 s."
    families = readings["host-n0"].detail["families"]
    assert families == {
        family: {"verdict": DNS_FAILED, "words": silence, "addresses": []}
        for family in ("IPv4", "IPv6")
    }
    assert readings["host-n0"].took == DEADLINE


class Slow:
    """Keeps a resolver waiting until the test is over."""

    def __init__(self) -> None:
        self.hangs = threading.Event()

    def close(self) -> None:
        self.hangs.set()


def test_fifty_hosts_are_looked_at_side_by_side(listening, black_hole):
    port = listening("127.0.0.1")
    known = {"one": ["127.0.0.1"]}
    with closing(Slow()) as slow:
        names = Names(**known, slow=slow.hangs)
        kinds = [("one", port), ("one", black_hole), ("slow", port), ("none", port)]
        fifty = [Host(f"n{n}", *kinds[n % 4]) for n in range(50)]
        begun = time.monotonic()
        readings = dict(look(fifty, 1, names))
        took = time.monotonic() - begun
    assert list(readings) == [f"host-n{n}" for n in range(50)]
    words = ["up", "offline", "DNS failed", "DNS failed"]
    assert [reading.summary for reading in readings.values()] == [
        words[n % 4] for n in range(50)
    ]
    # One after the other, the silent ones would have taken half a minute.
    assert took < 10


def test_a_machine_without_the_family_has_no_way_there(monkeypatch, listening):
    real = socket.socket

    def none_such(family, *rest):
        if family == socket.AF_INET6:
            raise OSError(EHOSTUNREACH, "No such family")
        return real(family, *rest)

    port = listening("127.0.0.1")
    monkeypatch.setattr(socket, "socket", none_such)
    half = ("up", "up, IPv6 down", {"IPv4": UP, "IPv6": NO_ROUTE})
    assert found("both", port, Names(both=BOTH)) == half
