"""The door to DuckDB: what it writes, and what it does not let out."""

import hashlib
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd  # noqa: TID253  # a test may take its time
import pytest

from pulsar_ml import parquet

FRAME = pd.DataFrame(
    {
        "row": np.arange(5),
        "name": pd.Series(["a", "b", None, "é😀", ""], dtype=object),
        'x"; drop table t; --': [0.1, 1e300, 1 / 3, np.nan, -0.0],
        "probability": np.array([0.1, 0, 1, 0.5, 0.25], dtype=np.float32),
        "predicted": np.array([0, 0, 1, 1, 0], dtype=np.int8),
        "nothing": pd.Series([None] * 5, dtype=object),
    }
)


def content(files: list[Path], temp: Path) -> list[tuple]:
    with parquet.connection(temp, folders=[files[0].parent]) as opened:
        return opened.execute(f"from {parquet.scan(files)}").fetchall()


def test_a_table_comes_back_with_its_types(tmp_path):
    path = tmp_path / "part.parquet"
    sha256 = parquet.write(path, FRAME, temp=tmp_path / "temp")

    with parquet.connection(tmp_path / "temp") as opened:
        table = opened.execute(f"from {parquet.scan([path])}")
        types = {name: str(kind) for name, kind, *_ in table.description}
        rows = table.fetchall()
    assert types == {
        "row": "BIGINT",
        "name": "VARCHAR",
        'x"; drop table t; --': "DOUBLE",
        "probability": "FLOAT",
        "predicted": "TINYINT",
        "nothing": "VARCHAR",
    }
    assert rows[3][1] == "é😀"
    assert [row[1] for row in rows] == FRAME["name"].to_list()
    assert [row[2] for row in rows][:3] == [0.1, 1e300, 1 / 3]
    assert [row[-1] for row in rows] == [None] * 5
    assert sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert [file.name for file in tmp_path.glob("*part*")] == ["part.parquet"]


def test_the_same_table_gives_the_same_bytes(tmp_path):
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"row": np.arange(150_000), "x": random.normal(size=150_000)})

    digests = {
        parquet.write(tmp_path / f"{n}.parquet", frame, temp=tmp_path) for n in range(3)
    }
    assert len(digests) == 1
    assert [row[0] for row in content([tmp_path / "0.parquet"], tmp_path)] == list(
        range(150_000)
    )


def test_many_tables_by_one_writer_are_as_each_by_its_own(tmp_path):
    tables = [FRAME[["row", "name", "nothing"]], FRAME[["probability"]], FRAME]
    with parquet.writer(tmp_path, temp=tmp_path / "temp") as put:
        together = [put(tmp_path / f"{n}", table) for n, table in enumerate(tables)]
    alone = [
        parquet.write(tmp_path / f"alone {n}", table, temp=tmp_path / "temp")
        for n, table in enumerate(tables)
    ]

    assert together == alone


@pytest.mark.parametrize("folder", ["a[1]", "what?", "st*r", "o'clock", "{x,y}"])
def test_a_path_names_one_file_whatever_it_looks_like(tmp_path, folder):
    for name in (folder, "a1", "whatX", "star", "x"):
        (tmp_path / name).mkdir()
        path = tmp_path / name / "p[0]*.parquet"
        parquet.write(path, pd.DataFrame({"of": [name]}), temp=tmp_path / "temp")
        parquet.write(
            tmp_path / name / "p0.parquet",
            pd.DataFrame({"of": ["another"]}),
            temp=tmp_path / "temp",
        )

    assert content([tmp_path / folder / "p[0]*.parquet"], tmp_path / "temp") == [
        (folder,)
    ]


def test_parts_are_joined_in_their_order(tmp_path):
    parts = []
    for number in range(3):
        parts.append(tmp_path / f"{2 - number}.parquet")
        parquet.write(parts[-1], pd.DataFrame({"c0": [number] * 2}), temp=tmp_path)
    whole = tmp_path / "all.parquet"
    parquet.describe(whole, parts, {"n": "integer"}, {}, temp=tmp_path)

    assert content([tmp_path / "all.parquet"], tmp_path) == [
        (n,) for n in (0, 0, 1, 1, 2, 2)
    ]


def test_nothing_outside_the_given_folders_can_be_touched(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.csv").write_text("a\n1\n")
    outside = parquet.quoted(str(tmp_path / "secret.csv"))
    with parquet.connection(tmp_path / "temp", folders=[tmp_path / "in"]) as opened:
        for statement in (
            f"from read_csv({outside})",
            f"copy (select 1) to {parquet.quoted(str(tmp_path / 'new.csv'))}",
            f"attach {parquet.quoted(str(tmp_path / 'new.db'))}",
            "install httpfs",
        ):
            with pytest.raises(duckdb.Error):
                opened.execute(statement)
        with pytest.raises(duckdb.Error, match="locked"):
            opened.execute("set memory_limit = '8GB'")


def test_memory_and_threads_are_what_was_asked_for(tmp_path):
    with parquet.connection(tmp_path, memory="64MB", threads=2) as opened:
        (found,) = opened.execute(
            "select current_setting('memory_limit'), current_setting('threads'), "
            "current_setting('temp_directory'), "
            "current_setting('autoload_known_extensions')"
        ).fetchall()

    assert found == ("61.0 MiB", 2, str(tmp_path), False)


def test_a_query_takes_no_more_of_the_disk_than_it_may(tmp_path):
    sorts = "create table a as select random() as x from range(3_000_000) order by x"
    with (
        pytest.raises(OSError, match="No space left on device"),
        parquet.connection(tmp_path, memory="20MB", spill=10**6) as opened,
    ):
        opened.execute(sorts)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    folder = tmp_path / "scores"
    folder.mkdir()
    path = folder / "part.parquet"
    parquet.write(path, FRAME, temp=tmp_path)
    before = path.read_bytes()

    with pytest.raises(OSError, match="No files found"):
        parquet.describe(
            path, [folder / "missing.parquet"], {"n": "integer"}, {}, temp=tmp_path
        )
    assert path.read_bytes() == before
    assert [file.name for file in folder.iterdir()] == ["part.parquet"]


def test_what_the_disk_refuses_is_an_error_of_the_system(tmp_path: Path) -> None:
    frame = pd.DataFrame({"row": [1]})
    with pytest.raises(OSError, match="No such file"):
        parquet.write(tmp_path / "nowhere" / "a.parquet", frame, temp=tmp_path / "tmp")
