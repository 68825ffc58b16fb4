"""A connection is tried step by step."""

import socket

import pytest

from conftest import free_port
from pulsar_ml.databases import connect
from pulsar_ml.databases.look import look
from pulsar_ml.databases.tables import listed
from pulsar_ml.databases.target import Target


def steps(target: dict, table: str = "") -> list[tuple]:
    """What was found, without how long it took."""
    told: list[dict] = []
    look({"target": target, "table": table}, told.append)
    assert told.pop() == {"done": True}
    found = [line for line in told if "step" in line]
    assert all(line["seconds"] >= 0 for line in found)
    assert [line["doing"] for line in told if "doing" in line] == [
        line["step"].lower() for line in found
    ]
    return [(line["step"], line["ok"], line["words"]) for line in found]


@pytest.mark.parametrize("engine", ["mariadb", "postgresql"], indirect=True)
def test_each_step_to_a_server_is_told(engine) -> None:
    engine.execute("CREATE TABLE t (a INTEGER, b INTEGER)")
    engine.execute("INSERT INTO t VALUES (1, 2)")
    driver, address, connected, login, read, rights = steps(
        engine.target(user="reader"), "t"
    )
    name = engine.target()["driver"]
    assert driver == ("Driver found", True, f"The ODBC driver {name}.")
    assert address == ("Address resolved", True, "127.0.0.1 is 127.0.0.1.")
    words = f"127.0.0.1 answers at port {engine.server.port}."
    assert connected == ("Connected", True, words)
    assert login[:2] == ("Logged in", True)
    kind = {"mariadb": "MariaDB 10.", "postgresql": "PostgreSQL 1"}[engine.name]
    assert login[2].startswith(f"As reader, to {kind}")
    assert read == ("Tables read", True, "t has 2 columns; a row was read.")
    assert rights[:2] == ("Only reading is allowed", True)
    assert rights[2].endswith("The login has no right to change anything.")


def test_a_login_that_could_write_is_told_though_the_session_may_not(engine) -> None:
    engine.execute("CREATE TABLE t (a INTEGER)")
    *_, read, rights = steps(engine.target())
    assert read[:2] == ("Tables read", True)
    assert read[2].startswith("Tables and views that can be seen: ")
    words = (
        "The session refuses changes, as we ask every session to. But the login itself "
        "may write: one that may only read would be safer."
    )
    assert rights == ("Only reading is allowed", True, words)
    assert tables(engine) == ["t"]


def test_writing_is_tried_and_leaves_nothing(engine) -> None:
    *_, rights = steps(engine.target(read_only=False))
    assert rights == (
        "Writing is allowed",
        True,
        "A table was made, filled within a transaction, and all was taken back.",
    )
    assert tables(engine) == []


@pytest.mark.parametrize("engine", ["mariadb", "postgresql"], indirect=True)
def test_a_login_that_may_make_no_table_is_told(engine) -> None:
    *_, (step, holds, words) = steps(engine.target(read_only=False, user="reader"))
    assert (step, holds) == ("Writing is allowed", None)
    assert words.startswith("This login may not make tables: ")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_session_that_is_not_read_only_is_found_out(engine, monkeypatch) -> None:
    # As of a driver that takes the wish and does not keep to it.
    raw = connect.opened(Target.from_dict(engine.target(read_only=False)))
    monkeypatch.setattr(connect, "opened", lambda _: raw)
    monkeypatch.setattr(connect, "begin", lambda *_: None)
    *_, rights = steps(engine.target())
    words = (
        "A table could be made, and was removed at once: this login may write, and the "
        "session that was asked to be read-only is not."
    )
    assert rights == ("Only reading is allowed", False, words)
    monkeypatch.undo()
    assert tables(engine) == []


@pytest.mark.parametrize("engine", ["sqlite", "sqlite-odbc"], indirect=True)
def test_each_step_to_a_file_is_told(engine) -> None:
    driver, *others, _ = steps(engine.target())
    assert driver[:2] == ("Driver found", True)
    assert others == [
        ("Address resolved", True, f"The file {engine.file} is there."),
        ("Connected", None, "There is nothing to reach by network that is known here."),
        ("Logged in", True, "SQLite asks for no login."),
        ("Tables read", None, "There is no table that this login may read."),
    ]
    engine.file.unlink()
    assert steps(engine.target())[-1] == (
        "Address resolved",
        False,
        f"There is no file {engine.file}.",
    )


@pytest.mark.parametrize("engine", ["mariadb", "postgresql"], indirect=True)
def test_the_step_that_fails_is_the_last(engine, monkeypatch) -> None:
    def last(**changes) -> tuple:
        return steps(engine.target(**changes))[-1]

    assert last(driver="Nope")[:2] == ("Driver found", False)
    assert last(password="wrong")[:2] == ("Logged in", False)
    options = engine.target()["options"]
    port = free_port()
    assert last(options=options | {"PORT": str(port)}) == (
        "Connected",
        False,
        f"127.0.0.1 cannot be reached at port {port}: Connection refused.",
    )
    assert steps(engine.target(), "gone")[-1][:2] == ("Tables read", False)

    def unknown(*_, **__) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert last() == (
        "Address resolved",
        False,
        "No machine called 127.0.0.1 is known here.",
    )


def tables(engine) -> list[str]:
    with connect.connect(Target.from_dict(engine.target())) as connection:
        names = [table["name"] for table in listed(connection)]
    # Of MariaDB's other databases they have a dot.
    return [name for name in names if "." not in name]
