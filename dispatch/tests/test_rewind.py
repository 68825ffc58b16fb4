"""Somebody has a table read again from some row on, and takes that back."""

import json

import pytest
from django.core.management import CommandError, call_command

from dispatch.models import Position
from dispatch.positions import keep
from dispatch.positions.rewind import CannotRewind, rewind, undo
from dispatch.schedules.announce import announce
from dispatch.tests.conftest import begin, go
from dispatch.tests.pages import said, text
from dispatch.tests.tables import configure, insert, make, source
from monitor.crontab import lines
from monitor.models import Outbox
from showroom import rows
from showroom.downloads import download

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.parametrize("engine", ["sqlite"], indirect=True),
]


@pytest.fixture
def reading(schedule_over, engine, settings):
    """Make schedules over a table of nine rows: reading(mark="updated_at")."""
    configure(settings, survey=engine.target())
    make(engine)
    insert(engine, range(1, 10))
    return lambda **values: schedule_over(source=source(**values), retries=0)


@pytest.fixture
def browser(client, admin):
    client.force_login(admin)
    return client


def names(run):
    wish = download.wanted(run.batch, "sort=row", None)
    return [
        int(n) for block in rows.blocks(run.batch, wish, ["name"]) for (n,) in block
    ]


def position(schedule):
    return Position.objects.get(schedule=schedule)


def moved():
    """What was told of moves, as from where to where."""
    told = Outbox.objects.filter(kind="position.moved").order_by("pk")
    return [(one.who, one.detail["was"], one.detail["now"]) for one in told]


def test_a_key_is_where_the_next_run_begins(reading, admin):
    schedule = reading()
    go(begin(schedule))
    rewind(schedule, "4", by=admin)

    assert names(go(begin(schedule))) == [4, 5, 6, 7, 8, 9]
    assert moved() == [(str(admin.pk), "after key 9", "from 4")]
    assert position(schedule).before == {}


def test_a_mark_is_where_the_next_run_begins(reading, admin):
    schedule = reading(mark="updated_at", overlap=2)
    go(begin(schedule))
    rewind(schedule, "2026-11-21 10:00:07", by=admin)

    assert names(go(begin(schedule))) == [7, 8, 9]


def test_the_first_row_is_where_everything_begins(reading, admin):
    schedule = reading()
    go(begin(schedule))
    rewind(schedule, "", by=admin)

    assert position(schedule).goes_on == "from the first row"
    assert len(names(go(begin(schedule)))) == 9


def test_it_can_be_taken_back_and_forth_until_the_next_run(reading, admin):
    schedule = reading(mark="updated_at", overlap=60)
    run = go(begin(schedule))
    before = position(schedule)
    rewind(schedule, "2026-11-21 10:00:07", by=admin)
    undo(schedule, by=admin)
    back = position(schedule)
    go(begin(schedule))

    assert (back.at, back.seen, back.run) == (before.at, before.seen, run)
    assert keep.seen(back).is_file()
    assert position(schedule).before["at"] == {"from": "2026-11-21 10:00:07"}
    undo(schedule, by=admin)
    assert len(names(go(begin(schedule)))) == 3
    with pytest.raises(CannotRewind, match="nothing to take back"):
        undo(schedule, by=admin)


def test_what_was_never_read_can_begin_later(reading, admin):
    schedule = reading()
    rewind(schedule, "8", by=admin)

    assert names(go(begin(schedule))) == [8, 9]


def test_what_is_no_value_of_the_key_is_refused(reading, admin):
    schedule = reading()
    with pytest.raises(CannotRewind, match="2026-11-21 is no value of id"):
        rewind(schedule, "2026-11-21", by=admin)
    assert Position.objects.count() == 0


def test_what_reads_no_table_on_cannot_go_back(schedule, reading, admin, browser):
    with pytest.raises(CannotRewind, match="does not read on in a table"):
        rewind(schedule, "", by=admin)
    assert browser.get("/dispatch/nightly/rewind/").status_code == 404
    schedule.source = source(every="all")
    schedule.save()
    assert browser.get("/dispatch/nightly/rewind/").status_code == 404


def test_the_page_of_a_schedule_tells_how_far_it_has_read(reading, browser):
    schedule = reading(overlap=5)
    announce(schedule)
    lines.sync()
    assert "its first run begins with the first row" in text(
        browser.get("/dispatch/nightly/")
    )
    run = go(begin(schedule))
    page = text(browser.get("/dispatch/nightly/"))

    assert "Up to <strong>key 9</strong>, by" in page
    assert f">{run}</a>" in page
    assert "and looks back by 5 for rows" in page


def test_it_is_moved_and_taken_back_on_the_pages(reading, browser):
    schedule = reading()
    announce(schedule)
    lines.sync()
    go(begin(schedule))
    asked = text(browser.get("/dispatch/nightly/rewind/"))
    done = browser.post("/dispatch/nightly/rewind/", {"to": "3"})
    page = text(browser.get(done.url))

    assert "Its next run goes on after key 9." in asked
    assert "The next run reads <strong>from 3</strong>" in page
    assert "Undo: go on after key 9" in page
    browser.post("/dispatch/nightly/rewind/undo/")
    assert position(schedule).shown == "key 9"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Give a value, or choose the first row."),
        ({"to": "3", "whole": "on"}, "Give a value, or choose the first row."),
        ({"to": "x"}, "x is no value of id"),
    ],
)
def test_what_cannot_be_is_told_on_the_page(reading, browser, given, words):
    reading()
    page = browser.post("/dispatch/nightly/rewind/", given)

    assert (page.status_code, words in text(page)) == (422, True)


def test_nothing_to_take_back_is_told(reading, browser):
    reading()
    answer = browser.post("/dispatch/nightly/rewind/undo/")

    assert said(answer) == [
        "There is nothing to take back: nobody has moved it since the last run."
    ]


def test_a_command_moves_it_and_takes_it_back(reading, capsys):
    schedule = reading()
    go(begin(schedule))
    capsys.readouterr()
    call_command("dispatch_rewind", "nightly", to="3")
    call_command("dispatch_rewind", "nightly", from_start=True, json=True)
    call_command("dispatch_rewind", "nightly", undo=True)
    first, second, third = capsys.readouterr().out.splitlines()

    assert first == "Nightly goes on from 3."
    assert json.loads(second) == {
        "schedule": "nightly",
        "goes_on": "from the first row",
    }
    assert third == "Nightly goes on from 3."
    assert [(was, now) for _, was, now in moved()] == [
        ("after key 9", "from 3"),
        ("from 3", "from the first row"),
        ("from the first row", "from 3"),
    ]


@pytest.mark.parametrize(
    ("slug", "to", "words"),
    [
        ("other", "3", "There is no schedule other."),
        ("nightly", " ", "--to needs a value."),
    ],
)
def test_the_command_says_what_is_wrong(reading, slug, to, words):
    reading()
    with pytest.raises(CommandError, match=words):
        call_command("dispatch_rewind", slug, to=to)
