"""What there is to read: tables, their columns and the first rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pulsar_ml.databases import cells, dialects
from pulsar_ml.databases.connect import Connection, connect
from pulsar_ml.databases.relation import Column, Relation
from pulsar_ml.databases.target import Target

Tell = Callable[[Mapping[str, Any]], None]
# So many rows show what a column holds.
SHOWN = 10
_MOST = 2_000
_LISTED = {
    "MariaDB": """
        SELECT table_schema, table_name, table_type LIKE '%VIEW%', DATABASE()
        FROM information_schema.tables
        WHERE table_schema NOT IN
            ('information_schema', 'mysql', 'performance_schema', 'sys')
        ORDER BY table_schema <> COALESCE(DATABASE(), ''), table_schema, table_name
    """,
    "PostgreSQL": """
        SELECT table_schema, table_name,
            CASE table_type WHEN 'VIEW' THEN 1 ELSE 0 END, CURRENT_SCHEMA
        FROM information_schema.tables
        WHERE table_schema NOT IN ('information_schema', 'pg_catalog')
            AND table_schema NOT LIKE 'pg\\_%'
        ORDER BY CASE table_schema WHEN CURRENT_SCHEMA THEN 0 ELSE 1 END,
            table_schema, table_name
    """,
    "SQLite": """
        SELECT '', name, type = 'view', '' FROM sqlite_master
        WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
        ORDER BY name
    """,
    "SQL Server": """
        SELECT table_schema, table_name,
            CASE table_type WHEN 'VIEW' THEN 1 ELSE 0 END, SCHEMA_NAME()
        FROM information_schema.tables
        ORDER BY CASE table_schema WHEN SCHEMA_NAME() THEN 0 ELSE 1 END,
            table_schema, table_name
    """,
}
_TYPES = {
    "MariaDB": """
        SELECT column_name, column_type FROM information_schema.columns
        WHERE table_name = ? AND table_schema = COALESCE(?, DATABASE())
    """,
    "PostgreSQL": """
        SELECT a.attname, FORMAT_TYPE(a.atttypid, a.atttypmod)
        FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relname = ? AND n.nspname = COALESCE(?, CURRENT_SCHEMA)
            AND a.attnum > 0 AND NOT a.attisdropped
    """,
    "SQLite": "SELECT name, type FROM pragma_table_info(?) WHERE ? IS NULL",
    "SQL Server": """
        SELECT column_name, data_type FROM information_schema.columns
        WHERE table_name = ? AND table_schema = COALESCE(?, SCHEMA_NAME())
    """,
}
_WORDS = {
    "integer": "whole number",
    "number": "number",
    "text": "text",
    "time": "time",
    "other": "other",
}


def tables(order: Mapping[str, Any], tell: Tell) -> None:
    """Carry out the verb ``tables``.

    Parameters
    ----------
    order : mapping
        With `target`.
    tell : callable
        Takes one line with ``tables``; those of our own schema come first.

    Raises
    ------
    DatabaseFault
        The database refuses.
    """
    tell({"doing": "connecting"})
    with connect(Target.from_dict(order["target"])) as connection:
        tell({"doing": "listing the tables"})
        tell({"tables": listed(connection)})


def listed(connection: Connection) -> list[dict[str, Any]]:
    """List tables and views.

    Parameters
    ----------
    connection : Connection
        To the database.

    Returns
    -------
    list of dict
        ``name`` as people write it, and ``is_view``.
    """
    rows = connection.execute(_LISTED[connection.dialect.name]).fetchmany(_MOST)
    return [
        {
            "name": dialects.joined([name] if schema == ours else [schema, name]),
            "is_view": bool(int(is_view)),
        }
        for schema, name, is_view, ours in rows
    ]


def columns(order: Mapping[str, Any], tell: Tell) -> None:
    """Carry out the verb ``columns``.

    Parameters
    ----------
    order : mapping
        With `target`, and `table` or `select`.
    tell : callable
        Takes one line with ``columns`` and the first ``rows``.

    Raises
    ------
    DatabaseFault
        There is no such table, or the query is none that only reads.
    """
    table, query = order.get("table", ""), order.get("select", "")
    tell({"doing": "connecting"})
    with connect(Target.from_dict(order["target"])) as connection:
        tell({"doing": "looking at the columns"})
        relation = Relation(connection, table, query)
        types = _types(connection, table) if table else {}
        tell({"doing": "reading ten rows"})
        held = _first(connection, relation)
    told = [
        _described(column, types.get(column.name, ""), values)
        for column, values in zip(relation.columns, held, strict=True)
    ]
    rows = zip(*(map(cells.text, values) for values in held), strict=True)
    tell({"columns": told, "rows": [list(row) for row in rows]})


def _types(connection: Connection, table: str) -> dict[str, str]:
    *schema, name = dialects.parts(table)
    sql = _TYPES[connection.dialect.name]
    rows = connection.execute(sql, [name, schema[-1] if schema else None]).fetchall()
    return {name: str(words).lower() for name, words in rows}


def _first(connection: Connection, relation: Relation) -> list[list[Any]]:
    """Read the first rows, column by column."""
    shown = ", ".join(map(relation.shown, relation.columns))
    sql = connection.dialect.limited(shown, f"FROM {relation.sql}", SHOWN)
    rows = connection.execute(sql).fetchmany(SHOWN)
    if not rows:
        return [[] for _ in relation.columns]
    return [relation.values(held) for held in zip(*rows, strict=True)]


def _described(column: Column, words: str, values: Sequence[Any]) -> dict[str, Any]:
    kind = column.kind or _declared(words) or _of_values(values)
    return {
        "name": column.name,
        "type": words or _WORDS[kind],
        "kind": kind,
        "nullable": column.nullable,
    }


def _declared(words: str) -> str:
    """Say what SQLite holds in a column that was declared so."""
    kinds = {
        "time": ("date", "time"),
        "integer": ("int", "bool"),
        "text": ("char", "clob", "text"),
        "number": ("real", "floa", "doub", "num", "dec"),
        "other": ("blob",),
    }
    marked = (kind for kind, marks in kinds.items() if any(m in words for m in marks))
    return next(marked, "")


def _of_values(values: Iterable[Any]) -> str:
    kinds = {type(value) for value in values if value is not None}
    if not kinds or kinds == {str}:
        return "text"
    if kinds == {int}:
        return "integer"
    return "number" if kinds <= {int, float} else "other"
