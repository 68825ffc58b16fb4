"""Tables of candidates in a database, and schedules that read them."""

from collections.abc import Iterable
from contextlib import closing
from typing import Any

from pulsar_ml.features import FEATURES
from pulsarsite.schema_connections import Connection
from pulsarsite.tests.engines import Engine
from showroom.tests.conftest import simulate

AT = "2026-11-21 10:00:{:02d}"


def configure(settings: Any, **targets: dict[str, Any]) -> None:
    """Have these connections stand in config.yaml: configure(settings, survey=…)."""
    entries, passwords = [], {}
    for name, target in targets.items():
        given = {key: value for key, value in target.items() if value not in ("", {})}
        passwords[name] = given.pop("password", "")
        entries.append(Connection(**(given | {"name": name})))
    settings.CONNECTION_PASSWORDS = passwords
    settings.PULSAR = settings.PULSAR.model_copy(update={"connections": tuple(entries)})


def make(engine: Engine, table: str = "candidates") -> None:
    """An empty table: id, name, beam, the features, class and updated_at."""
    numbers = ", ".join(f"{name} DOUBLE PRECISION" for name in FEATURES)
    engine.execute(
        f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, name VARCHAR(40), "
        f"beam INTEGER, {numbers}, class INTEGER, updated_at TIMESTAMP NULL)"
    )


def insert(
    engine: Engine, keys: Iterable[int], table: str = "candidates", **values: object
) -> None:
    """Rows with these keys, a second apart; every tenth is like a pulsar."""
    with closing(engine.connect()) as own:
        for key in keys:
            features = map(float, simulate(10, key)[key % 10])
            row = {
                "id": key,
                "name": f"J{key:04d}",
                "beam": key % 7,
                **dict(zip(FEATURES, features, strict=True)),
                "class": int(key % 10 == 9),
                "updated_at": AT.format(key % 60),
            } | values
            marks = ", ".join("?" * len(row))
            own.execute(
                f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})",  # ours
                list(row.values()),
            )


def source(**values: object) -> dict[str, object]:
    """The settings of a schedule that reads the table by its key."""
    return {
        "kind": "table",
        "connection": "survey",
        "table": "candidates",
        "key": "id",
        "columns": {name: name for name in FEATURES},
    } | values
