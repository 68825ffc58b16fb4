"""A table of candidates in a database, and schedules from it to another."""

from contextlib import closing

from pulsar_ml.features import FEATURES
from showroom.tests.conftest import simulate

TABLE, RESULTS = "candidates", "scores"
SOURCE = {
    "kind": "table",
    "connection": "sqlite",
    "table": TABLE,
    "key": "id",
    "columns": {name: name for name in FEATURES},
}
LABELLED = SOURCE | {"label": "label"}
SINK = {"kind": "table", "connection": "sqlite", "table": RESULTS, "make": True}


def survey(engine, rows: int = 30, first: int = 1, key: str = "bigint") -> None:
    """Candidates with labels; each tenth has no dm_mean, and each fifth is a pulsar."""
    features = ", ".join(f"{name} double precision" for name in FEATURES)
    with closing(engine.connect()) as own:
        if first == 1:
            own.execute(
                f"CREATE TABLE {TABLE} (id {key} primary key, {features}, "
                "label varchar(20))"
            )
        for place, values in enumerate(simulate(rows, seed=first).tolist()):
            number = first + place
            if number % 10 == 0:
                values[FEATURES.index("dm_mean")] = None
            marks = ", ".join("?" * 10)
            label = "KNOWN_PSR" if number % 5 == 1 else "rfi"
            own.execute(
                f"INSERT INTO {TABLE} VALUES ({marks})", (number, *values, label)
            )


def results(engine, *columns: str, table: str = RESULTS) -> list[tuple]:
    """What stands there, by key."""
    wanted = ", ".join(columns or ("candidate_key", "probability"))
    return engine.rows(f"SELECT {wanted} FROM {table} ORDER BY candidate_key")
