"""How a table is laid out, asked of the database that has it."""

from typing import TYPE_CHECKING, NamedTuple

from pulsar_ml.databases.dialects import MARIADB, POSTGRESQL, SQLITE, parts

if TYPE_CHECKING:
    from pulsar_ml.databases.connect import Connection


class Layout(NamedTuple):
    """What results need to know of a table.

    Attributes
    ----------
    types : dict
        Words of the database by column.
    unique : list of frozenset
        The columns of each key that no two rows may share.
    engine : str
        What keeps it, if that keeps no transactions; else nothing.
    """

    types: dict[str, str]
    unique: list[frozenset[str]]
    engine: str = ""


def layout(connection: "Connection", table: str) -> Layout | None:
    """Look a table up.

    Parameters
    ----------
    connection : Connection
        To its database.
    table : str
        As people write it.

    Returns
    -------
    Layout or None
        None where there is none of this name.
    """
    *schema, name = parts(table)
    known = {MARIADB: _mariadb, POSTGRESQL: _postgresql, SQLITE: _sqlite}
    find = known.get(connection.dialect, _sqlserver)
    found = find(connection, schema[-1] if schema else "", name)
    return found if found.types else None


def _mariadb(connection: "Connection", schema: str, name: str) -> Layout:
    place = (schema, name)
    columns = connection.execute(
        "SELECT column_name, data_type FROM information_schema.columns "
        "WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND table_name = ? "
        "ORDER BY ordinal_position",
        place,
    ).fetchall()
    keys = connection.execute(
        "SELECT index_name, column_name FROM information_schema.statistics "
        "WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND table_name = ? "
        "AND non_unique = 0 AND sub_part IS NULL",
        place,
    ).fetchall()
    lacking = connection.execute(
        "SELECT engine FROM information_schema.tables "
        "WHERE table_schema = COALESCE(NULLIF(?, ''), DATABASE()) AND table_name = ? "
        "AND engine NOT IN (SELECT engine FROM information_schema.engines "
        "WHERE transactions = 'YES')",
        place,
    ).fetchone()
    engine = lacking[0] if lacking else ""
    return Layout(dict(map(tuple, columns)), _grouped(keys), engine)


def _postgresql(connection: "Connection", schema: str, name: str) -> Layout:
    # As the server itself finds it: in the search path where no schema is named.
    quoted = ".".join(map(POSTGRESQL.name_of, filter(None, (schema, name))))
    columns = connection.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
        "WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped "
        "ORDER BY attnum",
        (quoted,),
    ).fetchall()
    keys = connection.execute(
        "SELECT indexrelid, attname FROM pg_index JOIN pg_attribute "
        "ON attrelid = indrelid AND attnum = ANY (indkey) "
        "WHERE indrelid = to_regclass(?) AND indisunique AND indisvalid "
        "AND indpred IS NULL AND indexprs IS NULL",
        (quoted,),
    ).fetchall()
    return Layout(dict(map(tuple, columns)), _grouped(keys))


def _sqlite(connection: "Connection", schema: str, name: str) -> Layout:
    place = (name, schema or "main")
    columns = connection.execute(
        "SELECT name, type FROM pragma_table_info(?, ?)", place
    ).fetchall()
    keys = connection.execute(
        "SELECT l.name, i.name FROM pragma_index_list(?, ?) AS l "
        "JOIN pragma_index_info(l.name, ?) AS i "
        'WHERE l."unique" = 1 AND l.partial = 0',
        (*place, place[1]),
    ).fetchall()
    return Layout(dict(map(tuple, columns)), _grouped(keys))


def _sqlserver(connection: "Connection", schema: str, name: str) -> Layout:
    dialect = connection.dialect
    place = (".".join(map(dialect.name_of, filter(None, (schema, name)))),)
    columns = connection.execute(
        "SELECT c.name, TYPE_NAME(c.system_type_id) FROM sys.columns c "
        "WHERE c.object_id = OBJECT_ID(?) ORDER BY c.column_id",
        place,
    ).fetchall()
    keys = connection.execute(
        "SELECT i.index_id, c.name FROM sys.indexes i JOIN sys.index_columns k "
        "ON k.object_id = i.object_id AND k.index_id = i.index_id "
        "JOIN sys.columns c ON c.object_id = k.object_id AND c.column_id = k.column_id "
        "WHERE i.object_id = OBJECT_ID(?) AND i.is_unique = 1 AND i.has_filter = 0 "
        "AND k.is_included_column = 0",
        place,
    ).fetchall()
    return Layout(dict(map(tuple, columns)), _grouped(keys))


def _grouped(pairs: list[tuple[object, str]]) -> list[frozenset[str]]:
    indexes: dict[object, set[str]] = {}
    for index, column in pairs:
        indexes.setdefault(index, set()).add(column)
    return [frozenset(columns) for columns in indexes.values()]
