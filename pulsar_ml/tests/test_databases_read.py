"""A table is read by pages, and every row once."""

import math
from contextlib import closing
from decimal import Decimal
from random import Random

import duckdb
import pytest

from pulsar_ml.errors import DatabaseFault
from pulsar_ml.features import FEATURES
from pulsar_ml.tests.readings import COLUMNS, FEATURES_SQL, Readings, put, table

MICROSECONDS = {
    "mariadb": "DATETIME(6)",
    "postgresql": "TIMESTAMP",
    "sqlite": "TIMESTAMP",
    "sqlite-odbc": "TIMESTAMP",
}

_TIMED = "INSERT INTO candidates (id, at) VALUES (?, ?)"


def test_each_reading_goes_on_where_the_last_one_ended(engine, tmp_path) -> None:
    table(engine)
    for key in (5, 1, 3, 2, 4, 3_000_000_000, 7):
        put(engine, key)
    readings = Readings(engine, tmp_path)
    assert [list(page["name"]) for page in readings.pages()] == [
        ["1", "2", "3"],
        ["4", "5", "7"],
        ["3000000000"],
    ]
    assert readings.done == {
        "position": {
            "mark": "",
            "key": "3000000000",
            "kind": "integer",
            "mark_kind": "",
            "shown": "key 3000000000",
        },
        "seen": str(tmp_path / "reading-1" / "seen.parquet"),
        "more": False,
        "n_without_mark": 0,
        "notes": [],
    }
    put(engine, 3_000_000_001)
    assert readings.names() == ["3000000001"]
    assert readings.names() == []


def test_a_page_says_what_the_table_holds(engine, tmp_path) -> None:
    table(
        engine, more="dm DOUBLE PRECISION, n BIGINT, note VARCHAR(40), is_psr INTEGER"
    )
    put(engine, 1, 71.5, 3, "Krähe", 1)
    put(engine, 2, None, 4, None, 0)
    keep = ["dm", "n", "NOTE", "f0"]
    readings = Readings(engine, tmp_path, keep=keep, label="is_psr")
    (page,) = readings.pages()
    assert list(page.columns) == ["name", *FEATURES, "class", "dm", "n", "note", "f0"]
    assert page[list(FEATURES)].to_numpy().tolist() == [[n + 1.5 for n in range(8)]] * 2
    assert page["class"].tolist() == [1, 0]
    assert page["dm"].tolist()[0] == 71.5
    assert math.isnan(page["dm"].tolist()[1])
    assert page["n"].tolist() == [3, 4]
    assert page["note"].iloc[0] == "Krähe"
    assert page["note"].isna().tolist() == [False, True]


def test_every_bit_of_a_number_comes_over(engine, tmp_path) -> None:
    table(engine)
    random = Random(5)  # noqa: S311  # no secret
    numbers = [random.gauss() * 10.0 ** random.randint(-200, 200) for _ in range(50)]
    with closing(engine.connect()) as own:
        insert = "INSERT INTO candidates (id, f0) VALUES (?, ?)"
        own.cursor().executemany(insert, list(enumerate(numbers)))
    (page,) = Readings(engine, tmp_path).pages(page_rows=500)
    assert page["prof_mean"].tolist() == numbers


# Columns of MariaDB hold nothing but what they are of, and no infinity.
@pytest.mark.parametrize(
    "engine", ["sqlite", "sqlite-odbc", "postgresql"], indirect=True
)
def test_what_cannot_be_a_feature_keeps_its_words(engine, tmp_path) -> None:
    kind = "TEXT" if engine.name == "postgresql" else "DOUBLE"
    engine.execute(f"CREATE TABLE odd (id INTEGER, {FEATURES_SQL}, word {kind})")
    for key, word in enumerate(["0.1", "abc", None]):
        put(engine, key, word, named="odd")
    put(engine, 3, "Infinity", named="odd")
    engine.execute("UPDATE odd SET f1 = ? WHERE id = 3", math.inf)
    columns = COLUMNS | {"prof_mean": "word"}
    readings = Readings(engine, tmp_path, table="odd", columns=columns)
    (page,) = readings.pages(page_rows=9)
    words = page["prof_mean"].tolist()
    assert words[:2] == ["0.1", "abc"]
    assert page["prof_mean"].isna().tolist() == [False, False, True, False]
    assert page["prof_std"].tolist() == [2.5, 2.5, 2.5, math.inf]


def test_bytes_and_very_long_texts_come_over_in_part(engine, tmp_path) -> None:
    kinds = {"mariadb": "BLOB, words LONGTEXT", "postgresql": "BYTEA, words TEXT"}
    table(engine, more=f"raw {kinds.get(engine.name, 'BLOB, words TEXT')}")
    put(engine, 1, b"\x00\xff", "é")
    put(engine, 2, None, None)
    twice = "UPDATE candidates SET words = words || words"
    if engine.name == "mariadb":
        twice = "UPDATE candidates SET words = CONCAT(words, words)"
    for _ in range(12):
        engine.execute(twice)
    (page,) = Readings(engine, tmp_path, keep=["raw", "words"]).pages()
    assert page["raw"].iloc[0].lower() == "00ff"
    assert page["words"].iloc[0] == "é" * 1_000 + "…"
    assert page["raw"].isna().tolist() == [False, True]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_exact_numbers_and_truths_come_over(engine, tmp_path) -> None:
    table(engine, more="exact NUMERIC, whole INTEGER, is_psr BOOLEAN")
    put(engine, 1, Decimal("0.125"), 7, True)
    put(engine, 2, None, None, False)
    engine.execute("UPDATE candidates SET f0 = 'NaN', f1 = '-Infinity' WHERE id = 2")
    columns = COLUMNS | {"dm_mean": "exact", "dm_std": "whole", "dm_skew": "is_psr"}
    keep = ["exact", "whole", "is_psr"]
    readings = Readings(engine, tmp_path, columns=columns, keep=keep, label="is_psr")
    (page,) = readings.pages()
    assert page["dm_mean"].iloc[0] == 0.125
    assert page["dm_std"].iloc[0] == 7.0
    assert page[["dm_mean", "dm_std"]].iloc[1].isna().all()
    # Truths are labels, and no numbers.
    assert page["dm_skew"].tolist() == page["is_psr"].tolist() == ["true", "false"]
    assert page["class"].tolist() == [1, 0]
    assert math.isnan(page["prof_mean"].iloc[1])
    assert page["prof_std"].tolist() == [2.5, -math.inf]
    assert page["exact"].iloc[0] == "0.125"
    assert page["whole"].iloc[0] == "7"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("k" * 256, "The key id must have at most 255 characters, not like kkkk"),
        (1.5, "The key id must be a whole number or a text; it holds 1.5."),
        (b"k", "The key id must be a whole number or a text; it holds b'k'."),
    ],
)
def test_a_key_that_cannot_name_a_row_is_refused(engine, tmp_path, key, words) -> None:
    table(engine, key="ANYTHING")
    put(engine, key)
    with pytest.raises(DatabaseFault) as refused:
        Readings(engine, tmp_path).names()
    assert words in str(refused.value)


def test_what_is_kept_passes_for_nothing_else(engine, tmp_path) -> None:
    table(engine, more="kurt_dm INTEGER, label INTEGER, dm INTEGER")
    put(engine, 1, 2, 3, 4)
    keep = ["kurt_dm", "label", "dm", "id"]
    (page,) = Readings(engine, tmp_path, keep=keep).pages()
    assert list(page.columns)[9:] == [
        "source kurt_dm",
        "source label",
        "dm",
        "source id",
    ]
    assert page.iloc[0, 9:].tolist() == [2, 3, 4, 1]


def test_rows_with_the_same_mark_are_each_read_once(engine, tmp_path) -> None:
    table(engine, more=f"at {MICROSECONDS[engine.name]}")
    times = ["2026-05-17 12:00:00.123456"] * 7 + ["2026-05-17 12:00:00.123457"] * 2
    for key, time in enumerate([*times, "2026-05-17 12:00:00"]):
        engine.execute(_TIMED, key, time)
    expected = ["9", *map(str, range(9))]
    readings = Readings(engine, tmp_path, mark="at")
    assert readings.names(page_rows=2) == expected
    assert readings.after["mark"].startswith("2026-05-17 12:00:00.123457")
    assert readings.after["mark_kind"] == "time"
    assert readings.after["shown"] == "2026-05-17 12:00:00.123457, key 8"
    assert readings.names(page_rows=2) == []
    again = Readings(engine, tmp_path / "again", mark="at")
    again.folder.mkdir()
    assert again.all_names(page_rows=2, most=3) == expected


@pytest.mark.parametrize(
    ("kind", "marks", "overlap"),
    [
        ("INTEGER", [10, 20, 30, 40], 10),
        ("DOUBLE PRECISION", [59000.1, 59000.2, 59000.3, 59000.4], 0.1),
        ("NUMERIC(12, 3)", [1.001, 1.002, 1.003, 1.004], 0.001),
        ("REAL", [0.1, 0.3, 0.7, 0.9], 0.2),
    ],
)
def test_a_mark_may_be_any_number(engine, tmp_path, kind, marks, overlap) -> None:
    table(engine, more=f"version {kind}")
    for key, mark in enumerate(marks[:3] * 2):
        put(engine, key, mark)
    readings = Readings(engine, tmp_path, mark="version", overlap=overlap)
    assert readings.names(page_rows=1) == ["0", "3", "1", "4", "2", "5"]
    # One that was committed late, one that was changed, and a new one.
    put(engine, 6, marks[2])
    put(engine, 7, marks[3])
    engine.execute("UPDATE candidates SET version = ? WHERE id = 0", marks[3])
    assert readings.names() == ["6", "0", "7"]
    assert readings.names() == []


def test_what_comes_late_is_found_within_the_overlap(engine, tmp_path) -> None:
    table(engine, more=f"at {MICROSECONDS[engine.name]}")

    def add(key: int, time: str) -> None:
        engine.execute(_TIMED, key, f"2026-05-17 {time}")

    add(1, "12:00:00")
    add(2, "12:10:00.5")
    readings = Readings(engine, tmp_path, mark="at", overlap=60)
    assert readings.names() == ["1", "2"]
    add(3, "12:09:30")  # late
    add(4, "12:08:59")  # too late
    assert readings.names() == ["3"]
    engine.execute("UPDATE candidates SET at = '2026-05-17 12:10:10' WHERE id = 1")
    add(5, "12:10:20")
    assert readings.names() == ["1", "5"]
    assert readings.names() == []
    after = readings.after
    engine.execute("DELETE FROM candidates WHERE id IN (1, 5)")
    assert readings.names() == []
    assert (readings.after, after["key"]) == (after, "5")


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_keys_that_come_late_are_found_within_the_overlap(engine, tmp_path) -> None:
    table(engine)
    for key in (1, 100):
        put(engine, key)
    readings = Readings(engine, tmp_path, overlap=10)
    assert readings.names() == ["1", "100"]
    for key in (89, 90, 99, 101):
        put(engine, key)
    assert readings.names() == ["90", "99", "101"]
    assert readings.names() == []


@pytest.mark.parametrize("engine", ["sqlite", "sqlite-odbc", "mariadb"], indirect=True)
@pytest.mark.parametrize("marked", [False, True])
def test_keys_that_are_the_same_to_the_database_are_each_read_once(
    engine, tmp_path, marked
) -> None:
    # Without a key of the table, or the database would not take them.
    collation = "" if engine.name == "mariadb" else " COLLATE NOCASE"
    table(engine, key=f"VARCHAR(20){collation}", more="mark INTEGER")
    keys = ["a", "A", "b", "B", "c", "d", "D", "e"]
    for key in keys:
        put(engine, key, 1)
    for n, most in enumerate((2, 100)):
        folder = tmp_path / str(most)
        folder.mkdir()
        readings = Readings(engine, folder, mark="mark" if marked else "")
        assert sorted(readings.all_names(most=most, page_rows=2)) == sorted(keys)
        put(engine, f"f{n}", 1)
        keys.append(f"f{n}")
        assert readings.all_names(most=most, page_rows=2) == [f"f{n}"]


def test_text_keys_are_read_in_pages(engine, tmp_path) -> None:
    table(engine, key="VARCHAR(40) PRIMARY KEY")
    keys = ["J0437-4715", "J1939+2134", "z", "Z9", "50%", "a'b", "a b", "a-b"]
    for key in keys:
        put(engine, key)
    readings = Readings(engine, tmp_path)
    assert sorted(readings.all_names(page_rows=2, most=3)) == sorted(keys)
    put(engine, "~z")
    assert readings.names() == ["~z"]


@pytest.mark.parametrize("engine", ["mariadb", "postgresql"], indirect=True)
def test_the_greatest_keys_are_read(engine, tmp_path) -> None:
    kind = "BIGINT UNSIGNED" if engine.name == "mariadb" else "NUMERIC(20)"
    table(engine, key=f"{kind} PRIMARY KEY")
    keys = [2**63 - 1, 2**63, 2**64 - 2, 2**64 - 1]
    for key in keys:
        engine.execute("INSERT INTO candidates (id) VALUES (?)", Decimal(key))
    readings = Readings(engine, tmp_path, overlap=1)
    assert readings.all_names(page_rows=1, most=2) == list(map(str, keys))
    assert readings.done["position"]["kind"] == "integer"


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_key_may_be_a_uuid(engine, tmp_path) -> None:
    table(engine, key="UUID PRIMARY KEY")
    keys = [f"{n}23e4567-e89b-12d3-a456-426614174000" for n in range(5)]
    for key in keys:
        put(engine, key)
    readings = Readings(engine, tmp_path)
    assert readings.all_names(page_rows=1, most=2) == keys


def test_rows_change_while_they_are_read(engine, tmp_path) -> None:
    table(engine, more="version INTEGER")
    for key in range(10):
        put(engine, key, 1)
    n_pages = 0

    def disturb(line) -> None:
        nonlocal n_pages
        if "page" not in line:
            return
        n_pages += 1
        if n_pages == 1:
            engine.execute("DELETE FROM candidates WHERE id IN (2, 3)")
            engine.execute("UPDATE candidates SET version = 2 WHERE id = 5")
            put(engine, 100, 2)
            put(engine, 101, 1)

    readings = Readings(engine, tmp_path, mark="version")
    # What was changed and what is new has a later mark: the next reading has it.
    names = ["0", "1", "2", "4", "6", "7", "8", "9", "101"]
    assert readings.names(heard=disturb) == names
    assert readings.names() == ["5", "100"]
    assert readings.names() == []


@pytest.mark.parametrize("engine", ["mariadb", "postgresql"], indirect=True)
def test_a_server_that_goes_away_may_come_back(engine, tmp_path) -> None:
    table(engine)
    for key in range(5):
        put(engine, key)
    readings = Readings(engine, tmp_path)
    try:
        with pytest.raises(DatabaseFault) as fault:
            readings.names(heard=lambda line: "page" in line and engine.server.kill())
    finally:
        engine.server.start()
    assert fault.value.passing
    assert str(fault.value).startswith("survey broke the connection off: ")
    assert readings.names() == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("ALTER TABLE candidates DROP COLUMN f7", "survey has no such column: "),
        ("DROP TABLE candidates", "survey has no such table: "),
    ],
)
def test_a_table_that_is_changed_while_it_is_read_is_told(
    engine, tmp_path, change, words
) -> None:
    table(engine)
    for key in range(5):
        put(engine, key)
    readings = Readings(engine, tmp_path)
    with pytest.raises(DatabaseFault) as fault:
        readings.names(heard=lambda line: "page" in line and engine.execute(change))
    assert str(fault.value).startswith(words)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_no_more_is_read_than_is_wanted(engine, tmp_path) -> None:
    table(engine)
    for key in range(8):
        put(engine, key)
    readings = Readings(engine, tmp_path)
    assert readings.names(most=4) == ["0", "1", "2", "3"]
    assert readings.done["more"] is True
    assert readings.names(most=4) == ["4", "5", "6", "7"]
    assert readings.done["more"] is False


def test_a_row_without_a_mark_or_key_is_counted(engine, tmp_path) -> None:
    table(engine, key="INTEGER", more="version INTEGER")
    for key, mark in [(1, 1), (2, None), (None, 3), (4, 4), (None, None)]:
        put(engine, key, mark)
    readings = Readings(engine, tmp_path, mark="version")
    assert readings.names(page_rows=1) == ["1", "4"]
    assert readings.done["n_without_mark"] == 3


def test_an_empty_table_leaves_all_as_it_was(engine, tmp_path) -> None:
    table(engine)
    readings = Readings(engine, tmp_path)
    assert readings.names() == []
    assert (readings.after, readings.seen) == (None, None)
    put(engine, 1)
    assert readings.names() == ["1"]
    after = readings.after
    engine.execute("DELETE FROM candidates")
    assert readings.names() == []
    assert readings.after == after
    put(engine, 1)
    put(engine, 2)
    assert readings.names() == ["2"]


def test_a_query_is_read_as_a_table(engine, tmp_path) -> None:
    table(engine, more="beam INTEGER")
    for key in range(6):
        put(engine, key, key % 2)
    query = "SELECT c.*, id * 10 AS ten FROM candidates c WHERE beam = 1 -- odd ones;"
    readings = Readings(engine, tmp_path, table="", select=query, key="ten")
    assert readings.names(page_rows=2) == ["10", "30", "50"]
    put(engine, 7, 1)
    assert readings.names() == ["70"]


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_somebody_says_from_where(engine, tmp_path) -> None:
    table(engine, more=f"at {MICROSECONDS[engine.name]}")
    for key in range(4):
        engine.execute(_TIMED, key, f"2026-05-1{key} 08:00:00")
    readings = Readings(engine, tmp_path, mark="at", overlap=10**6)
    readings.names()
    readings.after = {"from": "2026-05-12 08:00"}
    assert readings.names() == ["2", "3"]
    by_key = Readings(engine, tmp_path, overlap=10)
    by_key.number = 10
    by_key.after = {"from": "3"}
    assert by_key.names() == ["3"]
    readings.after = {"from": "last Monday"}
    with pytest.raises(DatabaseFault, match="last Monday is no value of at: it holds"):
        readings.names()


@pytest.mark.parametrize("engine", ["sqlite", "mariadb"], indirect=True)
@pytest.mark.parametrize(
    ("reading", "words"),
    [
        ({"key": "number"}, "candidates has no column number. It has: id, f0"),
        ({"columns": COLUMNS | {"dm_std": "gone"}}, "candidates has no column gone"),
        ({"key": "beam"}, "The key beam must name each row once; 7 stands twice."),
        ({"key": "f0"}, "The key f0 must be a whole number or a text; it holds 1.5."),
        ({"mark": "word"}, "The column word must hold numbers or times"),
    ],
)
def test_what_cannot_be_read_by_pages_is_refused(
    engine, tmp_path, reading, words
) -> None:
    table(engine, more="beam INTEGER, word VARCHAR(9)")
    for key in range(3):
        put(engine, key, 7, "abc")
    with pytest.raises(DatabaseFault) as refused:
        Readings(engine, tmp_path, **reading).names()
    assert words in str(refused.value)
    assert not refused.value.passing


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_a_mark_that_became_something_else_is_told(engine, tmp_path) -> None:
    table(engine, more="a INTEGER, b VARCHAR(30)")
    put(engine, 1, 5, "2026-05-17T12:00:00")
    readings = Readings(engine, tmp_path, mark="a")
    readings.names()
    readings.reading["mark"] = "b"
    with pytest.raises(DatabaseFault, match="holds something else than when it was"):
        readings.names()


@pytest.mark.parametrize("engine", ["sqlite", "sqlite-odbc"], indirect=True)
def test_marks_of_two_kinds_are_refused(engine, tmp_path) -> None:
    table(engine, more="at TIMESTAMP")
    put(engine, 1, "2026-05-17T12:00:00")
    put(engine, 2, 5)
    with pytest.raises(DatabaseFault, match="holds times, but also 5: no order"):
        Readings(engine, tmp_path, mark="at").names()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_much_of_one_mark_is_remembered_on_the_disk(engine, tmp_path) -> None:
    table(engine, more="version INTEGER")
    for key in range(30):
        put(engine, key, 1)
    readings = Readings(engine, tmp_path, mark="version")
    names = [str(key) for key in range(30)]
    assert readings.all_names(page_rows=2, most=20) == names
    put(engine, 30, 1)
    assert readings.names(page_rows=2) == ["30"]
    assert sorted(_seen(readings)) == sorted(("1", n) for n in [*names, "30"])


def _seen(readings) -> list:
    return duckdb.read_parquet(readings.seen).project("mark, key").fetchall()
