"""What this login may do: tried, not believed."""

import os
import secrets
from contextlib import suppress
from typing import NamedTuple

from pulsar_ml.databases import dialects, faults
from pulsar_ml.databases.connect import Connection, driver_errors
from pulsar_ml.databases.target import Target

_CHANGES = "INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|ALL PRIVILEGES"
_POSTGRESQL = """
    SELECT CASE WHEN has_schema_privilege(CURRENT_SCHEMA, 'CREATE') OR EXISTS (
        SELECT 1 FROM information_schema.table_privileges
        WHERE table_schema NOT IN ('information_schema', 'pg_catalog')
            AND privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')
    ) THEN 1 ELSE 0 END
"""
_SQLSERVER = "SELECT HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'CREATE TABLE')"


class Found(NamedTuple):
    """Whether it is as it should be, None if that cannot be told; and words."""

    holds: bool | None
    words: str


class _Back(Exception):
    """Take all back: it was a trial."""


def reading(connection: Connection, target: Target) -> Found:
    """Try to make a table where nobody should be able to.

    Parameters
    ----------
    connection : Connection
        A session that was asked to be read-only.
    target : Target
        Where it leads.

    Returns
    -------
    Found
        True if it was refused.
    """
    name = _name()
    try:
        with suppress(_Back), connection.transaction():
            _make(connection, name)
            raise _Back
    except driver_errors() as error:
        return _refused(connection, target, error)
    # Where making a table cannot be taken back, it is there.
    _drop(connection, name)
    return Found(
        holds=False,
        words="A table could be made, and was removed at once: this login may write, "
        "and the session that was asked to be read-only is not.",
    )


def _refused(connection: Connection, target: Target, error: Exception) -> Found:
    kind = faults.kind(error)
    if kind not in (faults.READ_ONLY, faults.RIGHTS):
        return Found(None, f"It could not be tried: {faults.said(error, target)}")
    may_write = _may_write(connection, target)
    words = "The session refuses changes, as we ask every session to."
    if kind == faults.RIGHTS:
        words = "This login has no right to make a table."
    if may_write is None:
        return Found(holds=True, words=f"{words} Its rights could not be told.")
    if may_write:
        return Found(
            holds=True,
            words=f"{words} But the login itself may write: one that may only read "
            "would be safer.",
        )
    return Found(
        holds=True, words=f"{words} The login has no right to change anything."
    )


def _may_write(connection: Connection, target: Target) -> bool | None:
    """Ask what rights the login has by itself."""
    dialect = connection.dialect
    if dialect is dialects.SQLITE:
        file = target.file or target.option("Database")
        return os.access(file, os.W_OK) if file else None
    try:
        if dialect is dialects.MARIADB:
            rows = connection.execute("SHOW GRANTS").fetchall()
            granted = " ".join(str(grant).partition(" ON ")[0] for grant, *_ in rows)
            return any(right in granted for right in _CHANGES.split("|"))
        asked = _POSTGRESQL if dialect is dialects.POSTGRESQL else _SQLSERVER
        return bool(connection.execute(asked).fetchone()[0])
    except driver_errors():
        return None


def writing(connection: Connection, target: Target) -> Found:
    """Make a table, fill it, take that back, and remove it.

    Parameters
    ----------
    connection : Connection
        A session that may write.
    target : Target
        Where it leads.

    Returns
    -------
    Found
        True if results can be kept here.
    """
    name = _name()
    table = connection.dialect.table(name)
    try:
        _make(connection, name)
    except driver_errors() as error:
        return _unmade(error, target)
    try:
        with suppress(_Back), connection.transaction():
            connection.execute(f"INSERT INTO {table} VALUES (1)")  # noqa: S608
            raise _Back
        left = connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]  # noqa: S608
    finally:
        _drop(connection, name)
    if int(left):
        return Found(
            holds=False,
            words="What is written cannot be taken back: there are no transactions "
            "here, so results would be kept by halves.",
        )
    return Found(
        holds=True,
        words="A table was made, filled within a transaction, and all was taken back.",
    )


def _unmade(error: Exception, target: Target) -> Found:
    said = faults.said(error, target)
    if faults.kind(error) == faults.RIGHTS:
        return Found(
            None,
            f"This login may not make tables: {said} Results can be written into a "
            "table that is there, if it may change that.",
        )
    return Found(holds=False, words=f"No table could be made: {said}")


def _name() -> str:
    return f"pulsarsite_trial_{secrets.token_hex(6)}"


def _make(connection: Connection, name: str) -> None:
    engine = " ENGINE=InnoDB" if connection.dialect is dialects.MARIADB else ""
    table = connection.dialect.table(name)
    connection.execute(f"CREATE TABLE {table} (a INTEGER){engine}")


def _drop(connection: Connection, name: str) -> None:
    connection.execute(f"DROP TABLE IF EXISTS {connection.dialect.table(name)}")
