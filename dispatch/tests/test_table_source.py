"""Rows of a table, each once: what a run reads of it, and where the next goes on."""

import pytest

from conftest import free_port
from dispatch import sources
from dispatch.choose import BadSettings
from dispatch.models import Position, Run
from dispatch.positions import keep
from dispatch.rehearse import rehearse
from dispatch.sources import pages
from dispatch.tests.conftest import begin, go
from dispatch.tests.tables import configure, insert, make, source
from monitor import claims
from registry import serving
from showroom import rows
from showroom.again import again
from showroom.downloads import download
from showroom.storage.delete import delete

pytestmark = pytest.mark.django_db
sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def table(engine, settings):
    """Thirty candidates in a database that may only be read."""
    configure(settings, survey=engine.target())
    make(engine)
    insert(engine, range(1, 31))
    return engine


@pytest.fixture
def reading(schedule_over, table):
    """Make schedules that read it: reading(mark="updated_at")."""
    return lambda slug="nightly", **values: schedule_over(
        slug, source=source(**values), retries=0
    )


def names(run):
    """The keys of the rows that a run has scored, in their order."""
    wish = download.wanted(run.batch, "sort=row", None)
    blocks = rows.blocks(run.batch, wish, ["name"])
    return [int(name) for block in blocks for (name,) in block]


def next_run(schedule):
    return go(begin(schedule))


def claimed(schedule):
    """A run of which this test is the worker."""
    run = begin(schedule)
    claims.claim(run)
    run.version = serving.find(schedule.reference)
    return run


def position(schedule):
    return Position.objects.get(schedule=schedule)


@pytest.mark.parametrize("engine", ["sqlite", "mariadb", "postgresql"], indirect=True)
def test_a_run_takes_every_row_and_the_next_what_is_new(reading, table):
    schedule = reading(keep=["beam"], label="class")
    first, second = next_run(schedule), next_run(schedule)
    insert(table, [31, 32])
    third = next_run(schedule)

    assert [run.state for run in (first, second, third)] == ["success"] * 3
    assert names(first) == list(range(1, 31))
    assert (second.batch, second.n_files) == (None, 0)
    assert names(third) == [31, 32]
    assert (first.n_files, first.n_rows, first.n_scored) == (1, 30, 30)
    assert [file.name for file in first.batch.files.all()] == [
        "candidates, keys 1 to 30"
    ]
    assert first.n_bytes == first.batch.files.get().size > 0
    assert first.batch.columns == ["class", "beam"]
    assert position(schedule).run == third
    assert position(schedule).at["kind"] == "integer"
    assert sources.of(schedule.source).key_kind(third) == "integer"


@sqlite
def test_rows_that_cannot_be_used_are_rejects_with_their_keys(reading, table):
    table.execute("UPDATE candidates SET dm_mean = NULL WHERE id = 3")
    table.execute("UPDATE candidates SET prof_std = -1 WHERE id = 5")
    table.execute("UPDATE candidates SET prof_skew = 'much' WHERE id = 7")
    run = next_run(reading())

    assert (run.state, run.n_rejected) == ("success", 3)
    found = [
        (one["name"], one["column"], one["value"], one["reason"])
        for one in rows.rejects(run.batch)
    ]
    assert found == [
        ("3", "dm_mean", "", "is missing"),
        ("5", "prof_std", "-1.0", "is negative, which no standard deviation can be"),
        ("7", "prof_skew", "much", "is not a number"),
    ]


@sqlite
def test_by_their_marks_rows_come_again_when_they_are_changed(reading, table):
    schedule = reading(mark="updated_at")
    next_run(schedule)
    table.execute("UPDATE candidates SET updated_at='2026-11-22 00:00:00' WHERE id=4")
    again = next_run(schedule)

    assert names(again) == [4]
    assert position(schedule).shown == "2026-11-22 00:00:00, key 4"


@sqlite
def test_a_late_row_is_found_by_the_overlap_and_no_row_is_taken_twice(reading, table):
    schedule = reading(mark="updated_at", overlap=30)
    next_run(schedule)
    insert(table, [40], updated_at="2026-11-21 10:00:15")
    insert(table, [41], updated_at="2026-11-21 09:00:00")
    again = next_run(schedule)

    assert names(again) == [40]
    # Those of the run before are gone.
    assert list(keep.folder().iterdir()) == [keep.seen(position(schedule))]


@sqlite
def test_more_than_a_run_may_read_is_left_for_the_next(reading, reconfigured):
    reconfigured("dispatch", max_rows=20)
    schedule = reading()
    first, second = next_run(schedule), next_run(schedule)

    assert (names(first), names(second)) == (list(range(1, 21)), list(range(21, 31)))
    assert first.notes == [
        "There are more rows than the 20 of this run; the next one takes them."
    ]
    assert second.notes == []


@sqlite
def test_what_has_no_key_or_mark_is_told(reading, table):
    table.execute("UPDATE candidates SET updated_at = NULL WHERE id IN (2, 3)")
    run = next_run(reading(mark="updated_at"))

    assert run.n_rows == 28
    assert run.notes == ["2 rows have no updated_at or id and cannot be read."]


@sqlite
def test_all_rows_each_time_are_all_rows_each_time(reading, table):
    schedule = reading(every="all")
    first = next_run(schedule)
    insert(table, [31])
    second = next_run(schedule)

    assert (len(names(first)), len(names(second))) == (30, 31)
    assert sources.of(schedule.source).key_kind(second) == "integer"


@sqlite
def test_all_rows_of_a_table_that_is_too_long_are_refused(reading, reconfigured):
    reconfigured("dispatch", max_rows=20)
    run = next_run(reading(every="all"))

    assert (run.state, run.batch) == ("failed", None)
    assert run.reason.startswith("There are more than 20 rows, and this schedule reads")


@sqlite
def test_another_table_is_read_anew_and_the_old_one_goes_on(reading, table):
    schedule = reading()
    next_run(schedule)
    insert(table, [31])
    make(table, "others")
    insert(table, [7, 8], "others")
    old = schedule.source
    schedule.source = source(table="others")
    schedule.save()
    others = next_run(schedule)
    schedule.source = old
    schedule.save()
    back = next_run(schedule)

    assert (names(others), names(back)) == ([7, 8], [31])


@sqlite
def test_other_columns_do_not_have_it_read_anew(reading, table):
    schedule = reading()
    next_run(schedule)
    schedule.source = source(keep=["beam"], overlap=0.5)
    schedule.save()

    assert next_run(schedule).batch is None


@sqlite
def test_a_select_is_read_like_a_table(reading, table):
    select = "SELECT c.*, c.beam + 100 AS far FROM candidates c WHERE c.id > 25"
    run = next_run(reading(table="", select=select, keep=["far"]))

    assert names(run) == [26, 27, 28, 29, 30]
    assert run.batch.files.get().name == "SELECT, keys 26 to 30"
    assert run.batch.columns == ["far"]


@sqlite
@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"table": "nothing"}, "nothing"),
        ({"key": "nothing"}, "nothing"),
        ({"table": "", "select": "DELETE FROM candidates"}, "SELECT"),
    ],
)
def test_what_can_never_be_read_is_not_tried_again(schedule_over, table, values, words):
    run = next_run(schedule_over(source=source(**values), retries=5))

    assert (run.state, run.tries) == ("failed", 0)
    assert words in run.reason


@sqlite
def test_a_database_that_is_away_is_tried_again(schedule_over, table, settings):
    target = table.target(read_only=False)
    closed = {"driver": "MariaDB Unicode", "options": {"SERVER": "127.0.0.1"}}
    closed["options"]["PORT"] = str(free_port())
    configure(settings, survey=target | {"file": ""} | closed)
    run = next_run(schedule_over(source=source(), retries=5))

    assert (run.state, run.tries, run.batch) == ("up_for_retry", 1, None)


@sqlite
def test_who_has_lost_the_run_leaves_no_trace(reading, table, monkeypatch, storage):
    schedule = reading(mark="updated_at", overlap=30)
    run = begin(schedule)

    def lose(step):
        if step == "collect.copied":
            Run.objects.filter(pk=run.pk).update(holder="another")

    monkeypatch.setattr(pages.crash, "at", lose)
    go(run)

    assert (run.batch, Position.objects.count()) == (None, 0)
    assert list(keep.folder().iterdir()) == []
    assert list((storage / "tmp").iterdir()) == []


@sqlite
def test_a_position_that_was_moved_meanwhile_stays(reading, table, monkeypatch):
    schedule = reading()
    next_run(schedule)
    insert(table, [31])

    def moved(step):
        if step == "collect.copied":
            was = position(schedule)
            keep.move(was, schedule, was.source_sha256, at={"from": "5"})

    monkeypatch.setattr(pages.crash, "at", moved)
    run = next_run(schedule)

    assert (run.state, run.batch, position(schedule).at) == (
        "failed",
        None,
        {"from": "5"},
    )
    assert "set meanwhile from where on" in run.reason


@sqlite
def test_a_run_that_has_its_batch_keeps_to_it(reading, table):
    run = claimed(reading())
    collect = sources.of(run.schedule.source).collect
    first = collect(run, lambda: None), run.batch
    insert(table, [31])

    assert (collect(run, lambda: None), run.batch) == first == (True, run.batch)
    assert run.batch.files.get().name == "candidates, keys 1 to 30"


@sqlite
def test_its_batch_is_classified_again_and_removed_like_any(reading, table):
    schedule = reading()
    run = next_run(schedule)
    table.execute("DELETE FROM candidates")
    second = again(run.batch, run.version, by=schedule.owner)
    second.refresh_from_db()
    delete(run.batch, by=schedule.owner)

    assert (second.state, second.sha256) == ("success", run.batch.sha256)
    assert position(schedule).shown == "key 30"
    assert next_run(schedule).state == "success"


@sqlite
def test_a_beat_that_raises_ends_the_reading(reading, table):
    run = claimed(reading())

    def beat():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sources.of(run.schedule.source).collect(run, beat)
    assert Position.objects.count() == 0


@sqlite
def test_a_disk_without_room_is_said_before_anything_is_read(reading, reconfigured):
    schedule = reading()
    reconfigured("storage", reserve_bytes=2**60)
    run = next_run(schedule)

    assert (run.state, run.batch) == ("up_for_retry", None)
    assert "The disk is full" in run.reason


@sqlite
def test_a_test_shows_the_first_rows_and_moves_nothing(reading, table):
    schedule = reading()
    next_run(schedule)
    table.execute("UPDATE candidates SET dm_mean = NULL WHERE id = 3")
    found = rehearse(sources.of(schedule.source), "pulsar@champion")

    assert [row["name"] for row in found.rows] == [*"12456789", "10"]
    assert [(one.name, one.column) for one in found.rejects] == [("3", "dm_mean")]
    assert found.files == ["candidates, keys 1 to 10"]
    assert position(schedule).moves == 0


@sqlite
def test_an_empty_table_is_told_in_a_test(reading, table):
    table.execute("DELETE FROM candidates")
    found = rehearse(sources.of(source()), "pulsar@champion")

    assert (found.rows, found.notes) == ([], ["There is no row in it."])


def test_a_connection_that_is_gone_is_a_problem_of_the_schedule(settings):
    configure(settings)
    assert sources.of(source()).check() == [
        "There is no connection “survey” in config.yaml; there are: none."
    ]


def test_what_it_is_stands_in_words():
    by_mark = sources.of(source(mark="updated_at"))
    everything = sources.of(source(table="", select="SELECT 1", every="all"))

    assert by_mark.words() == (
        "new rows of the table candidates in survey, in the order of updated_at and id"
    )
    assert everything.words() == "all rows of a SELECT in survey, in the order of id"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"table": ""}, "say which table, or give a SELECT"),
        ({"select": "SELECT 1"}, "say which table, or give a SELECT"),
        ({"columns": {"dm_mean": "x"}}, "say which column holds prof_mean"),
        ({"overlap": -1}, "overlap"),
        ({"key": ""}, "key"),
    ],
)
def test_settings_that_make_no_sense_are_told(values, words):
    with pytest.raises(BadSettings, match=words):
        sources.of(source(**values))
