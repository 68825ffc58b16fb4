"""/monitor/events/: what people see of the log."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connections

from accounts.models import Preference
from monitor import history
from monitor.events import record
from monitor.history import Wanted
from monitor.models import Event, Outbox
from monitor.pump import pump
from monitor.views.events import PAGE_LINES

pytestmark = pytest.mark.django_db

URL = "/monitor/events/"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def ana(client):
    """An operator, logged in."""
    user = get_user_model().objects.create_user("ana")
    user.user_permissions.add(Permission.objects.get(codename="view_event"))
    client.force_login(user)
    return user


def log(
    about: str, minute: int = 0, kind: str = "batch.scored", who: object = ""
) -> None:
    at = NOON + timedelta(minutes=minute)
    Event.objects.create(kind=kind, about=about, at=at, who=str(who))


def wait(about: str, minute: int = 0) -> None:
    at = NOON + timedelta(minutes=minute)
    Outbox.objects.create(kind="batch.scored", about=about, at=at)


def shown(response) -> list[str]:
    assert response.status_code == 200
    return [line.event.about for line in response.context["page"].lines]


@pytest.fixture
def no_log():
    """The event log without its table, as a database that is not there."""
    with connections["events"].cursor() as cursor:
        cursor.execute("ALTER TABLE monitor_event RENAME TO away")
    yield
    with connections["events"].cursor() as cursor:
        cursor.execute("ALTER TABLE away RENAME TO monitor_event")


def test_a_stranger_logs_in_first_and_a_researcher_may_not(client):
    assert client.get(URL).status_code == 302
    client.force_login(get_user_model().objects.create_user("rita"))
    assert [client.get(page).status_code for page in (URL, "/monitor/events.csv")] == [
        403, 403,
    ]  # fmt: skip


def test_without_any_event_the_page_says_what_will_be_here(client, ana):
    assert "Nothing has happened yet." in client.get(URL).content.decode()


def test_the_newest_is_first_and_what_waits_is_marked(client, ana):
    log("batch 1", 1, who=ana.pk)
    log("batch 3", 3, who=999)
    wait("batch 2", 2)
    wait("batch 4", 4)
    response = client.get(URL)
    assert shown(response) == ["batch 4", "batch 3", "batch 2", "batch 1"]
    waiting = [line.place.waiting for line in response.context["page"].lines]
    assert waiting == [True, False, True, False]
    text = response.content.decode()
    assert text.count("on its way</span>") == 2
    assert "number 999" in text


def test_what_moves_into_the_log_while_somebody_looks_is_shown_once(client, ana):
    record("batch.scored", about="batch 1")
    row = Outbox.objects.get()
    pump()
    row.save(force_insert=True)
    assert shown(client.get(URL)) == ["batch 1"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"kind": "batch.failed"}, ["batch 2"]),
        ({"about": "batch 1"}, ["batch 1"]),
        ({"who": "ana"}, ["batch 3"]),
        ({"who": "999"}, ["batch 2"]),
        ({"since": "2026-06-01T12:02"}, ["batch 3", "batch 2"]),
        ({"until": "2026-06-01T12:02"}, ["batch 1"]),
        ({"kind": "batch.scored", "since": "2026-06-01T12:02"}, ["batch 3"]),
        ({"about": "batch 2", "kind": "batch.failed", "who": "999"}, ["batch 2"]),
        ({"about": "batch 2", "kind": "batch.scored"}, []),
        ({"about": "batch 2", "who": "ana"}, []),
        ({"about": "batch"}, []),
    ],
)
def test_the_filter_leaves_what_fits(client, ana, query, expected):
    log("batch 1", 1)
    log("batch 2", 2, kind="batch.failed", who=999)
    log("batch 3", 3, who=ana.pk)
    response = client.get(URL, query)
    assert shown(response) == expected
    assert ("No event fits." in response.content.decode()) == (not expected)


@pytest.mark.parametrize(
    ("query", "field", "told"),
    [
        ({"who": "nobody"}, "who", "Nobody here has this name."),
        ({"since": "noon"}, "since", "Enter a valid date/time."),
        (
            {"kind": "x"},
            "kind",
            "Select a valid choice. x is not one of the available choices.",
        ),
        (
            {"since": "2026-06-01T12:02", "until": "2026-06-01T12:02"},
            "until",
            "This is not after the beginning.",
        ),
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_is_told_at_its_field(client, ana, query, field, told):
    for page in (URL, "/monitor/events.csv"):
        response = client.get(page, query)
        assert response.status_code == 422
        assert response.context["form"].errors == {field: [told]}


def test_paging_by_key_shows_each_event_once_though_many_share_a_moment(client, ana):
    for number in range(PAGE_LINES):
        log(f"log {number}", number // 60)
        wait(f"wait {number}", number // 60)
    first = client.get(URL)
    older = first.context["page"].older
    second = client.get(URL, {"before": str(older)})
    assert second.context["page"].older is None
    seen = shown(first) + shown(second)
    expected = [
        f"{where} {number}"
        for minutes in (range(60, PAGE_LINES), range(60))
        for where in ("wait", "log")
        for number in reversed(minutes)
    ]
    assert seen == expected


@pytest.mark.parametrize("place", ["x", "1,2,3", "2026-06-01T12:00,0,1", "a,b"])
def test_a_place_that_cannot_be_is_not_found(client, ana, place):
    assert client.get(URL, {"before": place}).status_code == 404


def test_following_asks_again_by_itself_and_gets_the_table_alone(client, ana):
    log("batch 1")
    asks = 'hx-trigger="every 5s"'
    assert asks not in client.get(URL).content.decode()
    page = client.get(URL, {"follow": "1"}).content.decode()
    assert asks in page
    assert "<html" in page
    part = client.get(URL, {"follow": "1"}, headers={"HX-Request": "true"})
    assert shown(part) == ["batch 1"]
    assert part.content.decode().strip().startswith('<section id="events"')
    assert asks in part.content.decode()


def test_without_the_log_the_page_says_so_and_shows_the_outbox(client, ana, no_log):
    wait("batch 2")
    response = client.get(URL)
    assert shown(response) == ["batch 2"]
    assert "The event log cannot be reached." in response.content.decode()


def test_without_the_log_there_is_no_download_that_looks_whole(client, ana, no_log):
    assert client.get("/monitor/events.csv").status_code == 503


def test_the_download_holds_all_that_fits_in_the_viewers_zone(client, ana):
    log("batch 1", 1, who=ana.pk)
    log("other", 2, kind="batch.failed")
    Event.objects.create(
        kind="batch.scored",
        about="=1+1",
        at=NOON,
        who="999",
        detail={"rows": 3, "é": "😀"},
    )
    wait("batch 2", 3)
    Preference.objects.create(user=ana, zone="Asia/Tokyo")
    response = client.get("/monitor/events.csv", {"kind": "batch.scored"})
    assert response["Content-Disposition"] == 'attachment; filename="events.csv"'
    text = response.getvalue().decode()
    head, *rows = csv.reader(io.StringIO(text))
    assert head == [
        *("at", "kind", "about", "who", "name", "detail", "request_id", "state")
    ]
    day, kind = "2026-06-01T21", "batch.scored"
    who = str(ana.pk)
    deep = '{"rows": 3, "é": "😀"}'
    assert rows == [
        [f"{day}:03:00+09:00", kind, "batch 2", "", "", "{}", "", "on its way"],
        [f"{day}:01:00+09:00", kind, "batch 1", who, "ana", "{}", "", "logged"],
        [f"{day}:00:00+09:00", kind, "'=1+1", "999", "", deep, "", "logged"],
    ]


def test_a_walk_over_several_pages_meets_each_event_once():
    for number in range(7):
        log(f"batch {number}")
    pages = list(history.walk(Wanted(), size=3))
    abouts = [[line.event.about for line in page.lines] for page in pages]
    assert abouts == [
        ["batch 6", "batch 5", "batch 4"],
        ["batch 3", "batch 2", "batch 1"],
        ["batch 0"],
    ]


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Wanted(), "event_at"),
        (Wanted(kind="batch.scored"), "event_kind_at"),
        (Wanted(about="batch 1"), "event_about_at"),
        (Wanted(about="batch 1", who="1"), "event_about_at"),
        (Wanted(about="batch 1", kind="batch.scored"), "event_about_at"),
        (
            Wanted(about="batch 1", kind="batch.scored", who="1", until=NOON),
            "event_about_at",
        ),
        (Wanted(who="1"), "event_who_at"),
        (Wanted(kind="batch.scored", who="1"), "event_kind_who_at"),
        (Wanted(kind="batch.scored", since=NOON, until=NOON), "event_kind_at"),
    ],
)
def test_no_filter_makes_the_database_sort_or_read_everything(wanted, index):
    rows = wanted.among(Event.objects.filter(at__lte=NOON))
    if connections["events"].vendor != "sqlite":
        pytest.skip("the plan is read in SQLite's words")
    plan = rows.order_by("-at", "-id")[:50].explain()
    assert f"USING INDEX {index} " in f"{plan} "
    assert "TEMP B-TREE" not in plan
