"""A process of its own asks the database, and is not waited for without end."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from conftest import eventually, require
from pulsar_ml.databases.ask import ask, writer
from pulsar_ml.databases.connect import odbc
from pulsar_ml.errors import DatabaseFault
from pulsar_ml.tests.readings import COLUMNS, put, table

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def black_hole() -> Iterator[dict]:
    """A server that takes connections and never says a word."""
    require("MariaDB Unicode" in odbc().drivers(), "odbc-mariadb is not installed")
    with socket.create_server(("127.0.0.1", 0)) as server:
        options = {"SERVER": "127.0.0.1", "PORT": str(server.getsockname()[1])}
        yield {"name": "survey", "driver": "MariaDB Unicode", "options": options}


def children() -> list[psutil.Process]:
    """Those of ours that ask databases."""
    every = psutil.Process().children(recursive=True)
    return [
        child for child in every if "pulsar_ml.databases" in " ".join(child.cmdline())
    ]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_answers_come_one_by_one(engine, tmp_path) -> None:
    table(engine)
    for key in range(3):
        put(engine, key)
    reading = {"table": "candidates", "key": "id", "columns": COLUMNS}
    order = {
        "verb": "read",
        "target": engine.target(),
        "reading": reading,
        "after": None,
        "seen": None,
        "into": str(tmp_path),
        "most": 9,
        "page_rows": 2,
    }
    *pages, done = ask(order, silence=60)
    assert [page["rows"] for page in pages] == [2, 1]
    assert done["done"]["position"]["key"] == "2"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_crash_is_told_with_where_it_was(engine, tmp_path, monkeypatch) -> None:
    table(engine)
    put(engine, 1)
    monkeypatch.setenv("PULSARSITE_CRASH_AT", "read.page")
    reading = {"table": "candidates", "key": "id", "columns": COLUMNS}
    order = {
        "verb": "read",
        "target": engine.target(),
        "reading": reading,
        "after": None,
        "seen": None,
        "into": str(tmp_path),
        "most": 9,
        "page_rows": 2,
    }
    with pytest.raises(DatabaseFault) as fault:
        list(ask(order, silence=60))
    assert str(fault.value) == (
        "The process that asked survey ended with exit code 137, at: reading page 1."
    )
    assert fault.value.passing


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_the_database_refuses_is_raised(engine) -> None:
    order = {"verb": "columns", "target": engine.target(), "table": "gone"}
    with pytest.raises(DatabaseFault) as fault:
        list(ask(order, silence=60))
    assert str(fault.value) == "survey has no such table: no such table: gone."
    assert not fault.value.passing


def test_a_database_that_says_nothing_is_left_in_time(black_hole) -> None:
    beats = []
    order = {"verb": "tables", "target": black_hole}
    with pytest.raises(DatabaseFault) as fault:
        list(ask(order, beat=lambda: beats.append(1), silence=2.5))
    assert str(fault.value) == ("survey did not answer within 2.5 s, at: connecting.")
    assert fault.value.passing
    assert beats
    assert children() == []


def test_whoever_waits_may_give_up(black_hole) -> None:
    def stop() -> None:
        raise KeyError

    with pytest.raises(KeyError):
        list(ask({"verb": "tables", "target": black_hole}, beat=stop, silence=60))
    assert children() == []


def test_an_orphan_ends_with_its_parent(black_hole) -> None:
    code = (
        "from pulsar_ml.databases.ask import ask\n"
        f"list(ask({{'verb': 'tables', 'target': {black_hole!r}}}, silence=60))"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    try:
        (child,) = eventually(children_of(parent.pid))
    finally:
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
    eventually(lambda: not child.is_running() or child.status() == "zombie")


def children_of(pid: int):
    return lambda: psutil.Process(pid).children()


def test_a_writer_that_gets_no_answer_is_told(black_hole) -> None:
    order = {
        "verb": "write",
        "target": black_hole | {"read_only": False},
        "table": "results",
        "key": "text",
        "schedule": "nightly",
        "run": 1,
        "model": "m",
        "version": 1,
        "scored_at": "2026-05-17T12:00:00+00:00",
    }
    with (
        pytest.raises(DatabaseFault, match="survey did not answer within 2 s, at: "),
        writer(order, silence=2) as write,
    ):
        write({"part": "", "rejects": ""})
    assert children() == []
