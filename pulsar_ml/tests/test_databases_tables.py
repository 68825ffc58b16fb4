"""What there is to read is shown with its first rows."""

import pytest

from pulsar_ml.databases import tables
from pulsar_ml.errors import DatabaseFault


def told(verb, engine, **order):
    lines = []
    verb({"target": engine.target(), **order}, lines.append)
    return lines[-1]


def test_tables_and_views_are_listed(engine) -> None:
    engine.execute("CREATE TABLE b (x INTEGER)")
    engine.execute("CREATE VIEW a AS SELECT x FROM b")
    if engine.name == "postgresql":
        engine.execute("CREATE SCHEMA other")
        engine.execute('CREATE TABLE other."d.1" (x INTEGER)')
    listed = told(tables.tables, engine)["tables"]
    ours = [{"name": "a", "is_view": True}, {"name": "b", "is_view": False}]
    assert listed[:2] == ours
    if engine.name == "postgresql":
        assert listed[2:] == [{"name": 'other."d.1"', "is_view": False}]
        shown = told(tables.columns, engine, table='other."d.1"')
        assert shown["columns"][0]["type"] == "integer"


TYPES = {
    "mariadb": ("bigint(20)", "double", "varchar(20)", "datetime", "blob"),
    "postgresql": (
        "bigint",
        "double precision",
        "character varying(20)",
        "timestamp without time zone",
        "bytea",
    ),
}
DECLARED = ("BIGINT", "DOUBLE PRECISION", "VARCHAR(20)", "DATETIME", "BLOB")
KINDS = ("integer", "number", "text", "time", "other")


def _made(engine) -> tuple:
    changes = {"DATETIME": "TIMESTAMP", "BLOB": "BYTEA"}
    declared = [
        changes.get(d, d) if engine.name == "postgresql" else d for d in DECLARED
    ]
    columns = ", ".join(f"c{n} {words}" for n, words in enumerate(declared))
    engine.execute(f"CREATE TABLE t ({columns})")
    return TYPES.get(engine.name, tuple(map(str.lower, DECLARED)))


def test_columns_are_told_with_their_first_rows(engine) -> None:
    types = _made(engine)
    time, raw = "2026-05-17 12:00:00", b"\x01\xff"
    values = (5, 0.1, "é", time, raw)
    for _ in range(11):
        engine.execute("INSERT INTO t VALUES (?, ?, ?, ?, ?)", *values)
    shown = told(tables.columns, engine, table="t")
    assert shown["columns"] == [
        {"name": f"c{n}", "type": words, "kind": kind, "nullable": True}
        for n, (words, kind) in enumerate(zip(types, KINDS, strict=True))
    ]
    rows = [[*row[:4], row[4].lower()] for row in shown["rows"]]
    assert rows == [["5", "0.1", "é", time, "01ff"]] * 10


def test_columns_of_a_query_are_told(engine) -> None:
    _made(engine)
    query = "SELECT c0 AS id, c1 * 2 AS twice, c2 FROM t;"
    empty = told(tables.columns, engine, select=query)
    assert [column["name"] for column in empty["columns"]] == ["id", "twice", "c2"]
    assert empty["rows"] == []
    engine.execute("INSERT INTO t (c0, c1, c2) VALUES (5, 0.25, NULL)")
    shown = told(tables.columns, engine, select=query)
    assert [c["kind"] for c in shown["columns"]] == ["integer", "number", "text"]
    assert shown["rows"] == [["5", "0.5", None]]


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"table": "gone"}, "survey has no such table: "),
        ({"select": "DELETE FROM t"}, "The query must begin with SELECT or WITH."),
        ({"select": "SELECT gone.x FROM t"}, "survey has no such"),
    ],
)
def test_what_is_not_there_is_told(engine, order, words) -> None:
    _made(engine)
    with pytest.raises(DatabaseFault) as refused:
        told(tables.columns, engine, **order)
    assert str(refused.value).startswith(words)
    assert not refused.value.passing
