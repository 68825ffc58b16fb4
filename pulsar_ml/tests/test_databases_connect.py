"""A session is as we want it, and what goes wrong is told in words."""

import sys
from contextlib import suppress

import pytest

from conftest import free_port
from pulsar_ml.databases import connect, dialects, faults
from pulsar_ml.databases.dialects import MARIADB, POSTGRESQL, SQLITE, SQLSERVER
from pulsar_ml.databases.target import Target
from pulsar_ml.errors import DatabaseFault


def opened(target: dict):
    return connect.connect(Target.from_dict(target))


def refused(target: dict, sql: str = "SELECT 1") -> DatabaseFault:
    with pytest.raises(DatabaseFault) as fault, opened(target) as connection:
        connection.execute(sql).fetchall()
    return fault.value


def test_a_session_speaks_the_database_s_own_sql(engine) -> None:
    expected = {"mariadb": MARIADB, "postgresql": POSTGRESQL}.get(engine.name, SQLITE)
    engine.execute("CREATE TABLE t (a INTEGER)")
    with opened(engine.target(read_only=False)) as connection:
        assert connection.dialect is expected
        connection.executemany("INSERT INTO t VALUES (?)", [(1,), (2,), (3,)])
        limited = connection.dialect.limited("a", "FROM t ORDER BY a DESC", 2)
        rows = connection.execute(limited).fetchall()
    assert [tuple(row) for row in rows] == [(3,), (2,)]


def test_a_read_only_session_changes_nothing(engine) -> None:
    engine.execute("CREATE TABLE t (a INTEGER)")
    # The group's own options do not undo ours.
    undone = {"ReadOnly": "0", "A0": "0"} if engine.name == "postgresql" else {}
    target = engine.target()
    target["options"] = target["options"] | undone
    fault = refused(target, "INSERT INTO t VALUES (1)")
    assert str(fault).startswith("survey allows no changes here: ")
    assert not fault.passing
    assert engine.rows("SELECT * FROM t") == []


def test_a_transaction_is_done_or_taken_back(engine) -> None:
    engine.execute(
        "CREATE TABLE t (a INTEGER)" + " ENGINE=InnoDB" * (engine.name == "mariadb")
    )
    with opened(engine.target(read_only=False)) as connection:
        with connection.transaction():
            connection.execute("INSERT INTO t VALUES (1)")
        with suppress(ZeroDivisionError), connection.transaction():
            connection.execute("INSERT INTO t VALUES (2)")
            raise ZeroDivisionError
        connection.execute("INSERT INTO t VALUES (3)")
    assert engine.rows("SELECT a FROM t ORDER BY a") == [(1,), (3,)]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT * FROM gone", "survey has no such table: "),
        ("SELECT t.gone FROM t", "survey has no such column: "),
        ("SELECT FROM FROM t", "survey does not understand the query: "),
        ("CREATE TABLE t (a INTEGER)", "survey has a table of this name already: "),
        ("INSERT INTO t VALUES (1)", "survey refuses a row by a rule of the table: "),
    ],
)
def test_what_never_passes_by_itself_is_told(engine, sql, words) -> None:
    engine.execute("CREATE TABLE t (a INTEGER PRIMARY KEY)")
    engine.execute("INSERT INTO t VALUES (1)")
    fault = refused(engine.target(read_only=False), sql)
    assert str(fault).startswith(words)
    assert not fault.passing


@pytest.mark.parametrize("engine", ["mariadb", "postgresql"], indirect=True)
def test_a_server_that_is_not_there_may_come_back(engine) -> None:
    target = engine.target()
    target["options"] = target["options"] | {"PORT": str(free_port())}
    fault = refused(target)
    assert str(fault).startswith("survey cannot be reached: ")
    assert fault.passing


@pytest.mark.parametrize("engine", ["mariadb", "postgresql"], indirect=True)
@pytest.mark.parametrize("password", ["wrong", "w}r;o=n{g%41 ", ""])
def test_a_wrong_password_is_told_and_not_shown(engine, password) -> None:
    fault = refused(engine.target(password=password))
    assert str(fault).startswith("survey refuses this user or password: ")
    assert not password or password.strip() not in str(fault)
    assert not fault.passing


@pytest.mark.parametrize("engine", ["mariadb", "postgresql"], indirect=True)
def test_a_database_that_is_not_there_is_told(engine) -> None:
    target = engine.target()
    target["options"] = target["options"] | {"DATABASE": "gone"}
    fault = refused(target)
    assert str(fault).startswith("survey has no such database: ")
    assert not fault.passing


@pytest.mark.parametrize("engine", ["mariadb", "postgresql"], indirect=True)
def test_a_statement_ends_in_time(engine) -> None:
    sleep = "SELECT SLEEP(9)" if engine.name == "mariadb" else "SELECT pg_sleep(9)"
    fault = refused(engine.target(statement_seconds=1), sleep)
    assert str(fault).startswith("survey did not finish in time: ")
    assert fault.passing


def test_what_another_holds_is_waited_for_in_time(engine) -> None:
    engine.execute("CREATE TABLE t (a INTEGER PRIMARY KEY)")
    engine.execute("INSERT INTO t VALUES (1)")
    other = engine.connect()
    target = engine.target(read_only=False, statement_seconds=1)
    try:
        other.execute("BEGIN IMMEDIATE" if not engine.server else "BEGIN")
        other.execute("UPDATE t SET a = 2")
        fault = refused(target, "UPDATE t SET a = 3")
    finally:
        other.close()
    assert fault.passing


@pytest.mark.parametrize("engine", ["mariadb", "postgresql"], indirect=True)
def test_times_are_those_of_utc(engine) -> None:
    asked = "SELECT HOUR(TIMEDIFF(NOW(), UTC_TIMESTAMP()))"
    if engine.name == "postgresql":
        asked = "SELECT EXTRACT(TIMEZONE FROM now())"
    with opened(engine.target()) as connection:
        assert connection.execute(asked).fetchone()[0] == 0


@pytest.mark.parametrize("engine", ["mariadb"], indirect=True)
def test_one_statement_is_one_whatever_the_options_say(engine) -> None:
    target = engine.target(read_only=False)
    target["options"] = target["options"] | {"option": str(67108864)}
    fault = refused(target, "SELECT 1; CREATE TABLE t (a INTEGER)")
    assert str(fault).startswith("survey does not understand the query: ")
    target["options"]["option"] = "many"
    assert str(refused(target)) == (
        "The option OPTION of survey must be a number, not many."
    )


@pytest.mark.parametrize("engine", ["sqlite", "sqlite-odbc"], indirect=True)
def test_a_file_that_is_not_there_is_not_made(engine, tmp_path) -> None:
    gone = tmp_path / "gone.sqlite"
    options = {"Database": str(gone), "NoCreat": "0"}
    place = {"file": str(gone)} if engine.name == "sqlite" else {"options": options}
    fault = refused(engine.target(**place))
    assert str(fault) == f"There is no file {gone}."
    assert not gone.exists()


@pytest.mark.parametrize("engine", ["sqlite", "sqlite-odbc"], indirect=True)
def test_a_file_that_is_no_database_is_told(engine) -> None:
    engine.file.write_text("no database at all\n" * 100)
    fault = refused(engine.target(), "SELECT * FROM sqlite_master")
    assert "file is not a database" in str(fault)
    assert not fault.passing


@pytest.mark.parametrize("engine", ["sqlite-odbc"], indirect=True)
def test_great_numbers_are_right_whatever_the_options_say(engine) -> None:
    engine.execute("CREATE TABLE t (a INTEGER)")
    engine.execute("INSERT INTO t VALUES (3000000000)")
    target = engine.target()
    target["options"] = target["options"] | {"bigint": "0"}
    with opened(target) as connection:
        assert connection.execute("SELECT a FROM t").fetchone()[0] == 3_000_000_000


@pytest.mark.parametrize("engine", ["sqlite-odbc"], indirect=True)
def test_a_driver_or_source_that_is_not_installed_is_told(engine) -> None:
    installed = ", ".join(connect.odbc().drivers())
    assert str(refused(engine.target(driver="Nope"))) == (
        f"There is no ODBC driver called Nope. Installed are: {installed}."
    )
    told = str(refused(engine.target(driver="", dsn="Nope")))
    assert told.startswith("There is no ODBC data source called Nope. Known are: ")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"Pwd": "x"}, "Pwd is no option of survey"),
        ({"a;b": "x"}, "a;b cannot be the name of an option."),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite-odbc"], indirect=True)
def test_an_option_has_its_place(engine, options, words) -> None:
    assert words in str(refused(engine.target(options=options)))


def test_where_odbc_is_lacking_it_is_told_how_to_get_it(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pyodbc", None)
    fault = refused({"name": "survey", "driver": "SQLite3"})
    assert str(fault) == connect.LACKING
    assert "apt-get install unixodbc" in str(fault)


def test_another_kind_of_database_is_refused() -> None:
    class Oracle:
        def getinfo(self, what: int) -> str:
            return "Oracle"

    with pytest.raises(
        DatabaseFault, match="a database of the kind Oracle; understood"
    ):
        dialects.told_by(Oracle())


@pytest.mark.parametrize(
    ("dialect", "written"),
    [
        (MARIADB, "`survey`.`a``b`"),
        (POSTGRESQL, '"survey"."a`b"'),
        (SQLITE, '"survey"."a`b"'),
        (SQLSERVER, "[survey].[a`b]"),
    ],
)
def test_names_are_quoted(dialect, written) -> None:
    assert dialect.table("survey.a`b") == written
    assert dialect.name_of(f"a{dialect.closing}b").count(dialect.closing) == 3 + (
        dialect.opening == dialect.closing
    )
    assert dialects.parts('survey."2026.05"') == ["survey", "2026.05"]
    assert dialects.joined(["survey", "2026.05"]) == 'survey."2026.05"'


def test_sql_server_has_its_own_limit() -> None:
    assert SQLSERVER.limited("a", "FROM t", 5) == "SELECT TOP (5) a FROM t"


def test_no_password_is_ever_shown() -> None:
    target = Target.from_dict({"name": "survey", "driver": "x", "password": "a}b"})
    assert "a}b" not in repr(target)
    shown = faults.said(
        Exception("[X] [Y]wrong: PWD={a}}b} or a}b (1) (SQLConnect)"), target
    )
    assert shown == "wrong: PWD={***} or ***."
