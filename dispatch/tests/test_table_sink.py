"""Results in a table: each candidate once, whatever was in the way."""

from datetime import UTC

import pytest

from dispatch import sinks, sources
from dispatch.errors import DispatchError
from dispatch.models import Run
from dispatch.tests.conftest import arrive, begin, go
from dispatch.tests.survey import RESULTS, SINK, SOURCE, TABLE, results, survey
from monitor import claims
from monitor.work import Cancelled
from pulsar_ml.errors import DatabaseFault
from pulsarsite.tests import forked
from registry import serving
from registry.tests.connected import connected
from showroom import classify
from showroom import rows as showroom_rows

pytestmark = pytest.mark.django_db
sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def quick():
    """Children that need not start Python."""
    with forked.children():
        yield


@pytest.fixture
def connection(settings, engine):
    """The database as a connection that may write."""
    connected(settings, engine)
    return engine


@pytest.fixture
def nightly(schedule_over, short_parts, connection):
    """A schedule over a folder of forty rows, into a table."""
    return schedule_over(sink=SINK | {"connection": connection.name})


@pytest.fixture
def over_table(schedule_over, short_parts, connection):
    """A schedule from a table to another."""
    survey(connection)
    here = {"connection": connection.name}
    return schedule_over(source=SOURCE | here, sink=SINK | here)


def scored(run: Run) -> list[tuple]:
    """Row, probability, prediction and warnings, as they stand on the batch's page."""
    with showroom_rows.scores(run.batch) as opened:
        return opened.execute(
            "select row, probability, predicted, warnings from scores order by row"
        ).fetchall()


def sink_of(**values: object) -> sinks.Table:
    return sinks.of(SINK | values)


def source_of(**values: object) -> sources.Table:
    return sources.of(SOURCE | values)


def stop_after(n: int):
    """A beat that stops when so many parts were written."""
    seen = []

    def beat() -> None:
        seen.append(True)
        if len(seen) == n:
            raise Cancelled("Cancelled on request.")

    return beat


def ready(schedule) -> Run:
    """A run whose rows are scored, and nothing of it is written."""
    run = begin(schedule)
    claims.claim(run)
    run.version = serving.find("pulsar@champion")
    run.save(update_fields=["version"])
    sources.of(schedule.source).collect(run, lambda: None)
    classify.classify(run.batch)
    run.refresh_from_db()
    return run


@pytest.mark.parametrize("engine", ["sqlite", "mariadb", "postgresql"], indirect=True)
def test_every_scored_row_of_a_table_stands_there_under_its_key(over_table, connection):
    run = go(begin(over_table))

    assert (run.state, run.reason) == ("success", "")
    found = results(
        connection,
        *("candidate_key", "probability", "predicted", "warnings", "schedule"),
        *("model", "version", "run"),
    )
    keys = [key for key in range(1, 31) if key % 10]
    said = ("nightly", "pulsar", run.version.number, run.pk)
    assert [(row[0], row[2], row[3] or "", *row[4:]) for row in found] == [
        (key, predicted, warnings, *said)
        for key, (_, _, predicted, warnings) in zip(keys, scored(run), strict=True)
    ]
    assert [row[1] for row in found] == [
        probability for _, probability, *_ in scored(run)
    ]
    assert run.output == {
        "connection": connection.name,
        "table": RESULTS,
        "rows": 27,
        "replaced": 0,
    }
    assert run.n_written == run.batch.chunks.count() == 3


@sqlite
def test_rows_of_files_are_called_as_on_the_pages(nightly, connection):
    run = go(begin(nightly))

    found = results(connection, "candidate_key", "scored_at")
    assert sorted(key for key, _ in found) == sorted(
        f"{run.batch.pk}-{row}" for row, *_ in scored(run)
    )
    at = run.batch.finished_at.astimezone(UTC)
    assert {str(moment) for _, moment in found} == {f"{at:%Y-%m-%d %H:%M:%S.%f}"}


@sqlite
def test_a_stopped_run_goes_on_after_its_last_part(over_table, connection):
    run = ready(over_table)
    with pytest.raises(Cancelled):
        sink_of().persist(run, stop_after(1))
    run.refresh_from_db()
    assert (run.n_written, len(results(connection))) == (1, 9)
    connection.execute(f"UPDATE {RESULTS} SET warnings = 'by hand'")
    told = sink_of().persist(run, lambda: None)

    found = results(connection, "candidate_key", "warnings")
    assert [key for key, said in found if said == "by hand"] == list(range(1, 10))
    assert len(found) == told["rows"] == 27
    assert told["replaced"] == 0


@sqlite
def test_a_part_that_was_written_and_not_noted_is_replaced(over_table, connection):
    run = ready(over_table)
    sink_of().persist(run, lambda: None)
    before = results(connection)
    Run.objects.filter(pk=run.pk).update(n_written=1)
    run.refresh_from_db()
    run.output = {"connection": "sqlite", "table": RESULTS, "rows": 9, "replaced": 0}

    told = sink_of().persist(run, lambda: None)
    assert told | {"connection": "", "table": ""} == {
        "connection": "",
        "table": "",
        "rows": 27,
        "replaced": 18,
    }
    assert results(connection) == before


@sqlite
@pytest.mark.parametrize("by_hand", ["another table", "the table was dropped"])
def test_what_is_not_there_any_more_is_written_from_the_start(
    over_table, connection, by_hand
):
    run = ready(over_table)
    with pytest.raises(Cancelled):
        sink_of().persist(run, stop_after(2))
    run.refresh_from_db()
    if by_hand == "another table":
        table = "others"
    else:
        table = RESULTS
        connection.execute(f"DROP TABLE {RESULTS}")
    told = sink_of(table=table).persist(run, lambda: None)

    assert (told["rows"], told["replaced"]) == (27, 0)
    assert len(results(connection, table=table)) == 27


@sqlite
def test_the_older_result_of_what_is_rejected_now_goes(over_table, connection):
    go(begin(over_table))
    everything = dict(over_table.source, every="all")
    type(over_table).objects.filter(pk=over_table.pk).update(source=everything)
    over_table.refresh_from_db()
    connection.execute(f"UPDATE {TABLE} SET dm_mean = NULL WHERE id = 7")
    connection.execute(f"UPDATE {TABLE} SET dm_mean = 1 WHERE id = 10")
    run = go(begin(over_table))

    keys = [key for key, _ in results(connection)]
    assert keys == [key for key in range(1, 31) if key not in (7, 20, 30)]
    assert {number for (number,) in results(connection, "run")} == {run.pk}
    assert (run.output["rows"], run.output["replaced"]) == (27, 27)


@sqlite
def test_two_schedules_in_one_table_leave_each_other_alone(
    over_table, schedule_over, connection
):
    other = schedule_over("other", source=over_table.source, sink=over_table.sink)
    go(begin(over_table))
    before = results(connection)
    go(begin(other))

    mine = connection.rows(
        f"SELECT candidate_key, probability FROM {RESULTS} "
        "WHERE schedule = 'nightly' ORDER BY candidate_key"
    )
    assert mine == before
    assert len(results(connection)) == 2 * len(before)


@sqlite
def test_keys_of_text_become_keys_of_text(schedule_over, connection):
    survey(connection, key="varchar(20)")
    run = go(begin(schedule_over(source=SOURCE, sink=SINK)))

    assert run.reason == ""
    assert {key for key, _ in results(connection)} == {
        str(key) for key in range(1, 31) if key % 10
    }


@sqlite
def test_nothing_is_written_of_a_run_that_read_nothing(nightly, folder, connection):
    for path in folder.iterdir():
        path.unlink()
    run = go(begin(nightly))

    assert (run.state, run.output, run.n_written) == ("success", {}, 0)
    assert connection.rows("SELECT name FROM sqlite_master") == []


@sqlite
def test_scores_that_are_gone_are_told(over_table, connection):
    run = ready(over_table)
    for path in run.batch.folder.iterdir():
        path.unlink()
    with pytest.raises(DispatchError) as told:
        sink_of().persist(run, lambda: None)
    assert str(told.value) == f"The scores of {run.batch} are not there any more."


@sqlite
def test_a_table_that_may_not_be_made_must_be_there(over_table, connection):
    sink = sink_of(make=False)
    words = (
        f"There is no table {RESULTS} in sqlite: make it, or let the schedule make it."
    )
    run = ready(over_table)
    with pytest.raises(DatabaseFault) as told:
        sink.persist(run, lambda: None)

    assert (str(told.value), sink.look()) == (words, [words])
    assert sink_of().look() == []
    sink_of().persist(run, lambda: None)
    assert sink.look() == []


@sqlite
def test_a_table_of_something_else_is_left_as_it_is(over_table, connection):
    connection.execute(f"CREATE TABLE {RESULTS} (id integer, score double)")
    run = ready(over_table)
    with pytest.raises(DatabaseFault, match=f"{RESULTS}: ") as told:
        sink_of().persist(run, lambda: None)
    # A wait would change nothing.
    assert not told.value.passing

    assert sink_of().look() == [str(told.value)]
    assert connection.rows(f"SELECT * FROM {RESULTS}") == []


@sqlite
def test_a_database_that_is_away_is_told_in_words(connection):
    connection.file.unlink()

    assert sink_of().look() == [f"There is no file {connection.file}."]


@sqlite
def test_what_the_site_knows_is_told_without_asking_the_database(
    settings, connection, monkeypatch
):
    monkeypatch.setattr("registry.connections.ask.ask", None)
    again = (
        "The schedule would read its own results from {} again; choose a table that "
    )
    again += "it does not read."

    assert sink_of().check() == []
    assert sink_of().check(source_of()) == []
    assert sink_of(table="main.Candidates").check(source_of()) == [
        again.format("main.Candidates")
    ]
    select = source_of(table="", select=f"select * from {RESULTS}")
    assert sink_of().check(select) == [again.format(RESULTS)]
    assert sink_of(table="score").check(select) == []
    assert sink_of(table=TABLE).check(source_of(connection="other")) == []
    assert sink_of(connection="other").check() == [
        "There is no connection “other” in config.yaml; there are: sqlite."
    ]
    connected(settings, connection, read_only=True)
    (told,) = sink_of().check()
    assert told == (
        "The connection sqlite may only read: choose another, or let config.yaml say "
        "read_only: false."
    )


def test_it_says_in_words_what_it_is():
    assert sink_of().words() == "the table scores of sqlite, made if it is not there"
    assert sink_of(make=False).words() == "the table scores of sqlite"


@sqlite
def test_a_schedule_of_files_goes_on_beside_what_was_written(
    nightly, folder, connection
):
    first = go(begin(nightly))
    arrive(folder, "more.csv", rows=5, seed=3)
    second = go(begin(nightly))

    batches = {key.partition("-")[0] for key, _ in results(connection)}
    assert batches == {str(first.batch.pk), str(second.batch.pk)}
