"""The table of results: made on request, and looked at before it is written into."""

import pytest

from pulsar_ml.databases import dialects, insert, make, result
from pulsar_ml.errors import DatabaseFault

ODD = 'select "of" the night'
COMPLETE = (
    "schedule VARCHAR(50) NOT NULL, candidate_key BIGINT NOT NULL, "
    "probability DOUBLE PRECISION NOT NULL, predicted INTEGER NOT NULL, "
    "model VARCHAR(100) NOT NULL, version INTEGER NOT NULL, run BIGINT NOT NULL, "
    "scored_at TIMESTAMP NOT NULL, warnings VARCHAR(100) NOT NULL"
)
KEY = "PRIMARY KEY (schedule, candidate_key)"


def told(verb, engine, *, key="integer", table="results", **target) -> dict:
    heard = []
    target = engine.target(**{"read_only": False} | target)
    verb({"target": target, "table": table, "key": key}, heard.append)
    (answer,) = heard
    return answer


def made_by_hand(engine, columns: str = COMPLETE, key: str = KEY, rest: str = ""):
    engine.execute(
        f"CREATE TABLE results ({', '.join(filter(None, [columns, key]))}){rest}"
    )


@pytest.mark.parametrize("key", ["integer", "text"])
def test_a_table_that_is_made_will_do(engine, key):
    assert told(make.make, engine, key=key) == {"done": True}
    assert told(make.check, engine, key=key) == {
        "problems": [],
        "is_there": True,
        "key": key,
    }
    assert engine.rows("SELECT * FROM results") == []


def test_a_table_that_is_there_is_not_made(engine):
    engine.execute("CREATE TABLE results (a INTEGER)")
    with pytest.raises(DatabaseFault) as refused:
        told(make.make, engine)
    assert str(refused.value) == "survey has a table called results already."
    assert not refused.value.passing


def test_a_table_that_is_not_there_is_said_to_be_so(engine):
    assert told(make.check, engine, key=None) == {
        "problems": ["survey has no table called results."],
        "is_there": False,
        "key": None,
    }


def test_a_table_made_by_hand_will_do(engine):
    made_by_hand(engine)
    assert told(make.check, engine, key=None) == {
        "problems": [],
        "is_there": True,
        "key": "integer",
    }


def test_any_name_is_a_name(engine):
    for table in ("order", ODD, "2026.05 -- night", "`tick`", "größe"):
        name = f'"{table}"' if "." in table else table
        name = name.replace('"of"', "of")
        assert told(make.make, engine, table=name) == {"done": True}
        assert told(make.check, engine, table=name)["problems"] == []


@pytest.mark.parametrize("engine", ["mariadb", "postgresql"], indirect=True)
def test_a_table_of_another_schema_is_named_with_it(engine):
    engine.server.sql(f"DROP SCHEMA IF EXISTS other_{engine.name}")
    engine.execute(f"CREATE SCHEMA other_{engine.name}")
    table = f"other_{engine.name}.results"
    assert told(make.make, engine, table=table) == {"done": True}
    assert told(make.check, engine, table=table)["problems"] == []
    assert not told(make.check, engine)["is_there"]


def test_what_was_altered_by_hand_is_told(engine):
    made_by_hand(engine, COMPLETE.replace(", warnings VARCHAR(100) NOT NULL", ""))
    assert told(make.check, engine)["problems"] == [
        "results: it has no column warnings."
    ]


def test_without_its_key_a_candidate_could_stand_there_twice(engine):
    made_by_hand(engine, key="")
    assert told(make.check, engine)["problems"] == [
        (
            "results: schedule and candidate_key together must be its primary key, or "
            "a candidate could stand there twice."
        )
    ]


def test_another_kind_of_key_is_told(engine):
    made_by_hand(engine)
    (said,) = told(make.check, engine, key="text")["problems"]
    assert said.startswith("results: candidate_key is ")
    assert said.endswith(", and the keys of the candidates are text.")


def test_a_column_of_others_that_must_be_filled_is_told(engine):
    made_by_hand(engine, COMPLETE + ", observer VARCHAR(10) NOT NULL")
    (said,) = told(make.check, engine)["problems"]
    assert said.startswith("results: no row can be written and deleted. survey ")
    assert "observer" in said
    assert engine.rows("SELECT * FROM results") == []


@pytest.mark.parametrize("engine", ["mariadb", "postgresql"], indirect=True)
def test_a_column_that_rounds_is_told(engine):
    made_by_hand(engine, COMPLETE.replace("DOUBLE PRECISION", "NUMERIC(4, 3)"))
    (said,) = told(make.check, engine)["problems"]
    assert said.startswith(
        "results: the column probability does not keep what is written: "
        "0.000244140625 became "
    )


@pytest.mark.parametrize("engine", ["mariadb"], indirect=True)
@pytest.mark.parametrize("kept_by", ["MyISAM", "Aria", "MEMORY"])
def test_a_table_without_transactions_is_refused(engine, kept_by):
    made_by_hand(engine, rest=f" ENGINE={kept_by}")
    (said,) = told(make.check, engine)["problems"]
    assert said == (
        f"results: its engine {kept_by} keeps no transactions, so that a part could be "
        "written by half. It must be one that does, like InnoDB."
    )


def test_a_connection_that_only_reads_writes_nothing(engine):
    made_by_hand(engine)
    assert told(make.check, engine, read_only=True)["problems"] == [
        "survey only reads: results need one with read_only: false."
    ]
    with pytest.raises(DatabaseFault):
        told(make.make, engine, table="another", read_only=True)


@pytest.mark.parametrize("engine", ["mariadb", "postgresql"], indirect=True)
def test_a_login_that_only_reads_is_told(engine):
    made_by_hand(engine)
    (said,) = told(make.check, engine, user="reader")["problems"]
    assert said.startswith(
        "results: no row can be written and deleted. "
        "survey does not allow this user to do that: "
    )
    with pytest.raises(DatabaseFault, match="does not allow this user"):
        told(make.make, engine, table="another", user="reader")


# As docs/databases.md has them.
WRITER = {
    "mariadb": (
        "CREATE USER {0} IDENTIFIED BY '{1}'",
        "GRANT SELECT, INSERT, DELETE ON results TO {0}",
        "GRANT SELECT, INSERT, DELETE, CREATE ON made TO {0}",
        "DROP USER {0}",
    ),
    "postgresql": (
        "CREATE ROLE {0} LOGIN PASSWORD '{1}'",
        "GRANT SELECT, INSERT, DELETE ON results TO {0}",
        "GRANT CREATE ON SCHEMA public TO {0}",
        "DROP OWNED BY {0}; DROP ROLE {0}",
    ),
}


@pytest.mark.parametrize("engine", list(WRITER), indirect=True)
def test_the_rights_that_are_told_are_enough(engine):
    made_by_hand(engine)
    login = {"user": engine.database, "password": engine.target()["password"]}
    create, may_write, may_make, drop = (
        statement.format(*login.values()) for statement in WRITER[engine.name]
    )
    engine.execute(create)
    try:
        engine.execute(may_write)
        assert told(make.check, engine, **login)["problems"] == []
        engine.execute(may_make)
        assert told(make.make, engine, table="made", **login) == {"done": True}
    finally:
        engine.execute(drop)


def test_sql_server_is_spoken_to_in_its_own_words():
    dialect = dialects.SQLSERVER
    assert result.creation(dialect, "dbo.pulsar]s", "integer") == (
        "CREATE TABLE [dbo].[pulsar]]s] ("
        "[schedule] NVARCHAR(50) COLLATE Latin1_General_BIN2 NOT NULL, "
        "[candidate_key] BIGINT NOT NULL, "
        "[probability] FLOAT(53) NOT NULL, "
        "[predicted] BIGINT NOT NULL, "
        "[model] NVARCHAR(100) COLLATE Latin1_General_BIN2 NOT NULL, "
        "[version] BIGINT NOT NULL, "
        "[run] BIGINT NOT NULL, "
        "[scored_at] DATETIME2(6) NOT NULL, "
        "[warnings] NVARCHAR(MAX) NOT NULL, "
        "PRIMARY KEY ([schedule], [candidate_key]))"
    )


def test_sql_server_gets_no_more_values_than_it_takes():
    said = []

    class Recorder:
        dialect = dialects.SQLSERVER
        through_odbc = True

        def execute(self, sql, params):
            said.append((sql, params))

    way = insert.best(Recorder(), "results", "integer")
    assert way.rows == 222  # of nine values, at most 2,000
    way.put(
        ("s", "m", 1, 2, "2026-01-01 00:00:00"), [(5, 0.5, 1, ""), (6, 0.25, 0, "")]
    )
    assert said == [
        (
            (
                "INSERT INTO [results] ([schedule], [model], [version], [run], "
                "[scored_at], [candidate_key], [probability], [predicted], [warnings]) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            ),
            [
                *("s", "m", 1, 2, "2026-01-01 00:00:00", 5, 0.5, 1, ""),
                *("s", "m", 1, 2, "2026-01-01 00:00:00", 6, 0.25, 0, ""),
            ],
        )
    ]
