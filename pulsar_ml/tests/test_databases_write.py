"""Parts into a table of results: each whole, once, and nothing else touched."""

import resource
import threading
import time
from contextlib import ExitStack, closing
from itertools import chain

import pandas as pd  # noqa: TID253  # a test may take its time
import pytest

from conftest import eventually
from pulsar_ml import parquet
from pulsar_ml.databases import ask, crash, insert, make, write
from pulsar_ml.errors import DatabaseFault

COLUMNS = (
    "schedule, candidate_key, probability, predicted, model, version, run, scored_at, "
    "warnings"
)
AT = "2026-05-17T20:15:30.25+00:00"


class Sky:
    """A table of results, and parts that go into it."""

    def __init__(self, engine, folder, key: str = "integer") -> None:
        self.engine, self.folder, self.key = engine, folder, key
        order = {"target": engine.target(read_only=False)}
        make.make(order | {"table": "results", "key": key}, lambda _: None)

    def part(self, names, *, probability: float = 0.25, warnings: str = "") -> str:
        """Names by row, from 1."""
        path = self.folder / f"part-{time.monotonic_ns()}.parquet"
        frame = pd.DataFrame(
            {
                "row": range(1, len(names) + 1),
                "name": [str(name) for name in names],
                "probability": pd.array([probability] * len(names), dtype="float32"),
                "predicted": pd.array([int(probability >= 0.5)] * len(names), "int8"),
                "warnings": [warnings] * len(names),
            }
        )
        parquet.write(path, frame, temp=self.folder / "temp")
        return str(path)

    def rejects(self, names, **columns) -> str:
        path = self.folder / f"rejects-{time.monotonic_ns()}.parquet"
        rows = range(1, len(names) + 1)
        frame = pd.DataFrame({"row": rows, "name": [str(name) for name in names]})
        parquet.write(path, frame.drop(columns=columns), temp=self.folder / "temp")
        return str(path)

    def order(self, **changes) -> dict:
        return {
            "verb": "write",
            "target": self.engine.target(read_only=False),
            "table": "results",
            "key": self.key,
            "schedule": "nightly",
            "run": 7,
            "model": "pulsar",
            "version": 2,
            "scored_at": AT,
        } | changes

    def write(self, *parts, **changes) -> list[dict]:
        """Write, in this process, and give the answers."""
        told = []
        lines = [{"part": "", "rejects": "", **part} for part in parts]
        write.write(self.order(**changes), iter(lines), told.append)
        return told

    def rows(self) -> list[tuple]:
        found = self.engine.rows(
            f"SELECT {COLUMNS} FROM results ORDER BY schedule, candidate_key"
        )
        return [(*row[:7], str(row[7])[:22], row[8]) for row in found]


def row(key, probability=0.25, *, schedule="nightly", run=7, warnings="") -> tuple:
    """A row as it must be there."""
    predicted = int(probability >= 0.5)
    at = "2026-05-17 20:15:30.25"
    return schedule, key, probability, predicted, "pulsar", 2, run, at, warnings


@pytest.fixture
def sky(engine, tmp_path) -> Sky:
    return Sky(engine, tmp_path)


def test_a_part_is_written(sky):
    part = sky.part([5, -3, 2**40], probability=0.75, warnings="extrapolation;unusual")
    assert sky.write({"part": part}) == [
        {"written": 3, "deleted": 0, "repeated": 0, "later": 0}
    ]
    assert sky.rows() == [
        row(key, 0.75, warnings="extrapolation;unusual") for key in (-3, 5, 2**40)
    ]


def test_a_part_that_is_written_again_is_there_once(sky):
    part = {"part": sky.part([1, 2, 3])}
    assert sky.write(part, part) == [
        {"written": 3, "deleted": 0, "repeated": 0, "later": 0},
        {"written": 3, "deleted": 3, "repeated": 0, "later": 0},
    ]
    assert sky.rows() == [row(1), row(2), row(3)]


def test_a_run_replaces_what_an_earlier_one_said_of_the_same_candidates(sky):
    sky.write({"part": sky.part([1, 2, 3, 4])})
    sky.write({"part": sky.part([2, 4], probability=1.0)}, run=8)
    assert sky.rows() == [row(1), row(2, 1.0, run=8), row(3), row(4, 1.0, run=8)]


def test_a_run_that_is_retried_late_replaces_nothing_of_a_later_one(sky):
    sky.write({"part": sky.part([2, 4], probability=1.0)}, run=8)
    late = {"part": sky.part([1, 2, 3]), "rejects": sky.rejects([4])}
    answers = sky.write(late, late)
    assert [(one["written"], one["deleted"], one["later"]) for one in answers] == [
        (2, 0, 2),
        (2, 2, 2),
    ]
    assert sky.rows() == [row(1), row(2, 1.0, run=8), row(3), row(4, 1.0, run=8)]


def test_what_is_rejected_now_has_no_result_of_before(sky):
    sky.write({"part": sky.part([1, 2, 3, 4])})
    answers = sky.write({"part": sky.part([1]), "rejects": sky.rejects([3, "?", ""])})
    assert answers == [{"written": 1, "deleted": 2, "repeated": 0, "later": 0}]
    answers = sky.write({"rejects": sky.rejects([4])})
    assert answers == [{"written": 0, "deleted": 1, "repeated": 0, "later": 0}]
    assert sky.rows() == [row(1), row(2)]


def test_rejects_of_an_older_site_have_no_names(sky):
    sky.write({"part": sky.part([1])})
    path = sky.folder / "rejects.parquet"
    parquet.write(path, pd.DataFrame({"row": [1]}), temp=sky.folder / "temp")
    answers = sky.write({"rejects": str(path)})
    assert answers == [{"written": 0, "deleted": 0, "repeated": 0, "later": 0}]
    assert sky.rows() == [row(1)]


def test_the_rows_of_another_schedule_stay(sky):
    sky.write({"part": sky.part([1, 2])}, schedule="weekly")
    sky.write({"part": sky.part([2, 3]), "rejects": sky.rejects([1])})
    sky.write({"part": sky.part([2]), "rejects": sky.rejects([1, 3])})
    assert sky.rows() == [
        row(2),
        row(1, schedule="weekly"),
        row(2, schedule="weekly"),
    ]


def test_of_two_rows_of_one_candidate_the_last_counts(sky):
    one, other = sky.part([1, 2, 2, 3, 2]), sky.rejects([2, 4])
    answers = sky.write({"part": one, "rejects": other})
    assert answers == [{"written": 3, "deleted": 0, "repeated": 2, "later": 0}]
    assert sky.rows() == [row(1), row(2), row(3)]


def test_texts_are_keys_byte_by_byte(engine, tmp_path):
    sky = Sky(engine, tmp_path, key="text")
    names = [
        "J0030+0451",
        "j0030+0451",
        "é",
        "e\u0301",
        "x" * 254 + "😀",
        "' OR 1=1 --",
    ]
    sky.write({"part": sky.part(names)})
    sky.write({"part": sky.part(names[:2], probability=1.0)}, run=8)
    expected = [row(name, 1.0, run=8) for name in names[:2]] + list(map(row, names[2:]))
    assert sorted(sky.rows()) == sorted(expected)


def test_a_run_over_files_has_its_rows_for_keys(engine, tmp_path):
    sky = Sky(engine, tmp_path, key="text")
    same = {"part": sky.part(["", "a", "a"]), "rejects": sky.rejects(["", "", "", ""])}
    assert sky.write(same, same, prefix="12-") == [
        {"written": 3, "deleted": 0, "repeated": 0, "later": 0},
        {"written": 3, "deleted": 3, "repeated": 0, "later": 0},
    ]
    assert sky.rows() == [row("12-1"), row("12-2"), row("12-3")]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("key", "name", "words"),
    [
        ("integer", "1.5", "Row 2 is called 1.5, which is no integer: "),
        ("integer", "1_000", "Row 2 is called 1_000, which is no integer: "),
        ("integer", "", "Row 2 is called nothing, which is no integer: "),
        ("integer", str(2**63), f"Row 2 is called {2**63}, which is no integer: "),
        ("text", "x" * 256, "Row 2 has a name of 256 characters: "),
        ("text", "", "Row 2 has no name: "),
    ],
)
def test_a_name_that_can_be_no_key_is_refused(engine, tmp_path, key, name, words):
    sky = Sky(engine, tmp_path, key=key)
    with pytest.raises(DatabaseFault) as refused:
        sky.write({"part": sky.part([1])}, {"part": sky.part([2, name])})
    assert str(refused.value).startswith(words)
    assert not refused.value.passing
    assert [key for _, key, *_ in sky.rows()] == [1 if key == "integer" else "1"]


def test_many_rows_go_in_many_statements(sky, monkeypatch):
    # One row more than a statement takes, whichever way is taken.
    monkeypatch.setattr(insert, "_JSON_ROWS", 4)
    monkeypatch.setattr(insert, "_VALUES_ROWS", 4)
    monkeypatch.setattr(write, "_AT_ONCE", 4)
    part = {"part": sky.part(range(9))}
    assert [answer["deleted"] for answer in sky.write(part, part)] == [0, 9]
    assert sky.rows() == [row(key) for key in range(9)]


@pytest.mark.parametrize("engine", ["mariadb", "postgresql"], indirect=True)
def test_a_server_that_knows_no_json_gets_values(sky, monkeypatch):
    monkeypatch.setattr(insert, "_knows_json", lambda _: False)
    # As many as a statement takes, and one.
    monkeypatch.setattr(insert, "_VALUES_ROWS", 10**6)
    keys = range(
        insert._MOST_PARAMETERS[sky.engine.target()["driver"].split()[0]] // 9 + 1
    )
    part = {"part": sky.part(keys)}
    assert [answer["deleted"] for answer in sky.write(part, part)] == [0, len(keys)]
    assert sky.rows() == [row(key) for key in keys]


@pytest.mark.parametrize("engine", ["sqlite", "mariadb"], indirect=True)
@pytest.mark.parametrize("step", ["write.deleted", "write.inserted", "write.committed"])
def test_whoever_is_killed_within_a_part_leaves_all_of_it_or_nothing(
    sky, monkeypatch, step
):
    sky.write({"part": sky.part([1, 2, 3, 9])})
    part = {"part": sky.part([2, 3, 4], probability=1.0), "rejects": sky.rejects([1])}
    monkeypatch.setenv("PULSARSITE_CRASH_AT", step)
    with (
        pytest.raises(DatabaseFault, match="ended with exit code 137") as fault,
        ask.writer(sky.order(run=8), silence=30) as put,
    ):
        put(part)
    assert fault.value.passing
    before = [row(1), row(2), row(3), row(9)]
    after = [*(row(key, 1.0, run=8) for key in (2, 3, 4)), row(9)]
    assert sky.rows() == (after if step == "write.committed" else before)

    monkeypatch.delenv("PULSARSITE_CRASH_AT")
    with ask.writer(sky.order(run=8), silence=30) as put:
        assert put(part)["written"] == 3
    assert sky.rows() == after


def held(engine, *statements):
    """A connection that holds what it has changed until it says COMMIT."""
    own = engine.connect()
    if engine.name == "mariadb":
        # Else it would hold what is beside its rows, too.
        own.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
    own.execute("BEGIN IMMEDIATE" if engine.name.startswith("sqlite") else "BEGIN")
    for statement in statements:
        own.execute(statement)
    return closing(own)


def test_who_waits_in_vain_for_another_tries_again(sky):
    sky.write({"part": sky.part([1, 2])})
    told = []
    target = sky.engine.target(read_only=False, statement_seconds=1)
    order = sky.order(target=target, run=8)
    part = {"part": sky.part([1, 2], probability=1.0), "rejects": ""}

    # The table is looked at before, with rows of its own.
    def parts():
        nonlocal other
        other = own.enter_context(
            held(sky.engine, "UPDATE results SET run = 6 WHERE candidate_key = 2")
        )
        yield part

    def tell(answer):
        told.append(answer)
        if "doing" in answer:
            other.execute("COMMIT")

    other = None
    with ExitStack() as own:
        lines = chain([{"part": sky.part([5]), "rejects": ""}], parts())
        write.write(order, lines, tell)
    first, waited, last = told
    assert waited["doing"].startswith(
        "writing a part again after: survey waited in vain for what another "
        "transaction holds: "
    )
    assert (first["written"], last["written"], last["deleted"]) == (1, 2, 2)
    assert sky.rows() == [row(1, 1.0, run=8), row(2, 1.0, run=8), row(5, run=8)]


CHANGE = "UPDATE results SET run = 6 WHERE schedule = '{}'"
WAITING = {
    "mariadb": "SELECT 1 FROM information_schema.global_status "
    "WHERE variable_name = 'Innodb_row_lock_current_waits' AND variable_value > 0",
    "postgresql": "SELECT 1 FROM pg_locks WHERE NOT granted",
}


@pytest.mark.parametrize("engine", ["mariadb", "postgresql"], indirect=True)
def test_the_victim_of_a_deadlock_tries_again(sky):
    sky.write({"part": sky.part([1, 2])})
    # It has changed more, and who has changed least is the victim.
    sky.write({"part": sky.part(range(50))}, schedule="weekly")
    told = []
    part = {"part": sky.part([1, 2], probability=1.0), "rejects": ""}
    with held(
        sky.engine,
        # There it is who has waited for a second and finds out.
        *["SET deadlock_timeout = '60s'"][: sky.engine.name == "postgresql"],
        CHANGE.format("weekly"),
        CHANGE.format("nightly' AND candidate_key = '2"),
    ) as other:
        writing = threading.Thread(
            target=write.write, args=(sky.order(run=8), iter([part]), told.append)
        )
        writing.start()
        eventually(lambda: sky.engine.rows(WAITING[sky.engine.name]))
        other.execute(CHANGE.format("nightly' AND candidate_key = '1"))
        other.execute("COMMIT")
        writing.join()
    gave_way, answer = told
    assert gave_way["doing"].startswith(
        "writing a part again after: survey gave way to another transaction: "
    )
    assert answer == {"written": 2, "deleted": 2, "repeated": 0, "later": 0}
    assert sky.rows()[:2] == [row(1, 1.0, run=8), row(2, 1.0, run=8)]


@pytest.mark.parametrize("engine", ["mariadb", "postgresql"], indirect=True)
def test_what_an_earlier_process_still_writes_is_replaced(sky):
    told = []
    theirs = f"INSERT INTO results ({COLUMNS}) VALUES {row(2, 1.0)!r}"
    with held(sky.engine, theirs) as other:
        part = {"part": sky.part([1, 2, 3]), "rejects": ""}
        writing = threading.Thread(
            target=write.write, args=(sky.order(run=8), iter([part]), told.append)
        )
        writing.start()
        eventually(lambda: sky.engine.rows(WAITING[sky.engine.name]))
        other.execute("COMMIT")
        writing.join()
    assert told[0]["doing"].startswith(
        "writing a part again after: survey refuses a row"
    )
    assert told[1:] == [{"written": 3, "deleted": 1, "repeated": 0, "later": 0}]
    assert sky.rows() == [row(key, run=8) for key in (1, 2, 3)]


def test_many_write_at_once(sky):
    parts = [{"part": sky.part(range(20)), "rejects": ""} for _ in range(2)]
    told = []
    # Each schedule twice, as if a process that was given up were still at it.
    writing = [
        threading.Thread(
            target=write.write,
            args=(sky.order(schedule=slug), iter(parts), told.append),
        )
        for slug in ("one", "one", "two", "two")
    ]
    for thread in writing:
        thread.start()
    for thread in writing:
        thread.join()
    assert [answer["written"] for answer in told if "written" in answer] == [20] * 8
    assert sky.rows() == [
        row(key, schedule=slug) for slug in ("one", "two") for key in range(20)
    ]


@pytest.mark.parametrize("engine", ["mariadb", "postgresql"], indirect=True)
def test_a_server_may_be_away_between_two_parts(sky):
    told = []

    def parts():
        yield {"part": sky.part([1]), "rejects": ""}
        sky.engine.server.kill()
        sky.engine.server.start()
        yield {"part": sky.part([2]), "rejects": ""}

    write.write(sky.order(), parts(), told.append)
    first, lost, last = told
    assert (first["written"], last["written"]) == (1, 1)
    assert lost["doing"].startswith("writing a part again after: survey broke the ")
    assert sky.rows() == [row(1), row(2)]


CUT = {
    "mariadb": "SELECT CONCAT('KILL ', id) FROM information_schema.processlist "
    "WHERE db = '{}' AND command = 'Sleep'",
    "postgresql": "SELECT 'SELECT pg_terminate_backend(' || pid || ')' "
    "FROM pg_stat_activity WHERE datname = '{}' AND state = 'idle in transaction'",
}


@pytest.mark.parametrize("engine", ["mariadb", "postgresql"], indirect=True)
def test_a_connection_that_is_cut_within_a_part_leaves_nothing_of_it(sky, monkeypatch):
    cut = CUT[sky.engine.name].format(sky.engine.database)
    seen = []

    def at(step):
        if step == "write.inserted" and not seen:
            [(statement,)] = sky.engine.rows(cut)
            sky.engine.execute(statement)
            seen.extend(sky.rows() or ["nothing"])

    monkeypatch.setattr(crash, "at", at)
    told = sky.write({"part": sky.part([1, 2])})
    assert seen == ["nothing"]
    assert told[0]["doing"].startswith("writing a part again after: survey ")
    assert told[1:] == [{"written": 2, "deleted": 0, "repeated": 0, "later": 0}]
    assert sky.rows() == [row(1), row(2)]


@pytest.mark.parametrize("engine", ["mariadb", "postgresql"], indirect=True)
def test_a_server_that_does_not_come_back_is_left_to_those_who_can_wait(
    sky, monkeypatch
):
    monkeypatch.setattr(write, "PAUSES", (0.0, 0.0))
    told = []

    def parts():
        yield {"part": sky.part([1]), "rejects": ""}
        sky.engine.server.kill()
        yield {"part": sky.part([2]), "rejects": ""}

    try:
        with pytest.raises(DatabaseFault, match="survey cannot be reached") as fault:
            write.write(sky.order(), parts(), told.append)
    finally:
        sky.engine.server.start()
    assert fault.value.passing
    assert ["doing" in answer for answer in told] == [False, True, True]
    assert sky.rows() == [row(1)]


def test_a_table_that_is_altered_meanwhile_is_told(sky):
    def parts():
        yield {"part": sky.part([1]), "rejects": ""}
        sky.engine.execute("ALTER TABLE results DROP COLUMN warnings")
        yield {"part": sky.part([1, 2]), "rejects": ""}

    with pytest.raises(DatabaseFault, match="warnings") as fault:
        write.write(sky.order(), parts(), lambda _: None)
    assert not fault.value.passing
    assert sky.engine.rows("SELECT candidate_key, run FROM results") == [(1, 7)]


def test_a_table_that_will_not_do_gets_nothing(sky):
    sky.engine.execute("DROP TABLE results")
    with pytest.raises(DatabaseFault, match="survey has no table called results"):
        sky.write({"part": sky.part([1])})


@pytest.mark.parametrize("engine", ["sqlite", "sqlite-odbc"], indirect=True)
def test_a_full_disk_leaves_nothing_of_the_part(sky):
    sky.write({"part": sky.part([1])})
    part = {"part": sky.part([1, *range(100, 2000)])}
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (32 * 1024, hard))
    try:
        with pytest.raises(DatabaseFault, match="survey has no room") as fault:
            sky.write(part)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert fault.value.passing
    assert sky.rows() == [row(1)]
    sky.write(part)
    assert len(sky.rows()) == 1901


# A real disk would have to be filled: the server says so at a row in the midst.
FULL = {
    "mariadb": "CREATE TRIGGER room BEFORE INSERT ON results FOR EACH ROW "
    "IF NEW.candidate_key = 4 THEN SIGNAL SQLSTATE 'HY000' "
    "SET MYSQL_ERRNO = 1114, MESSAGE_TEXT = 'The table results is full'; END IF",
    "postgresql": "CREATE FUNCTION room() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN "
    "IF NEW.candidate_key = 4 THEN RAISE disk_full; END IF; RETURN NEW; END';"
    "CREATE TRIGGER room BEFORE INSERT ON results FOR EACH ROW "
    "EXECUTE FUNCTION room()",
}


@pytest.mark.parametrize("engine", list(FULL), indirect=True)
def test_a_full_table_leaves_nothing_of_the_part(sky, monkeypatch):
    monkeypatch.setattr(insert, "_JSON_ROWS", 2)
    sky.write({"part": sky.part([1])})
    sky.engine.execute(FULL[sky.engine.name])
    with pytest.raises(DatabaseFault, match="survey has no room") as fault:
        sky.write({"part": sky.part(range(9), probability=1.0)})
    assert fault.value.passing
    assert sky.rows() == [row(1)]


@pytest.mark.parametrize("engine", ["mariadb", "postgresql"], indirect=True)
def test_long_texts_go_in_statements_that_a_server_takes(sky, monkeypatch):
    monkeypatch.setattr(insert, "_JSON_LENGTH", 2_000)
    long = "x" * 900
    sky.write({"part": sky.part(range(9), warnings=long)})
    assert sky.rows() == [row(key, warnings=long) for key in range(9)]
