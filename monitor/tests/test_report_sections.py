"""What the monitor itself tells of a night, and the sentence made of all."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.models import Alert, Check, Flip, Start
from monitor.report import sections
from monitor.report.alerts import alerts
from monitor.report.checks import checks
from monitor.report.jobs import jobs
from monitor.report.night import Night
from monitor.report.sections import Cell, Need, Section, Table
from monitor.report.text import text
from monitor.report.write import Report, write

pytestmark = pytest.mark.django_db

SINCE = datetime(2026, 11, 20, 8, tzinfo=UTC)
NIGHT = Night(SINCE, SINCE + timedelta(days=1), SINCE.date() + timedelta(days=1))
HOUR = timedelta(hours=1)


@pytest.fixture
def by_utc(settings):
    """A clock that has UTC, whatever this machine has."""
    scheduler = settings.PULSAR.scheduler.model_copy(update={"zone": "UTC"})
    settings.PULSAR = settings.PULSAR.model_copy(update={"scheduler": scheduler})


def at(hours: float) -> datetime:
    """So many hours after the begin of the night."""
    return SINCE + hours * HOUR


def alert_row(
    cause: str, begun: float, closed: float | None = None, **values: object
) -> Alert:
    """An alert of these hours of the night."""
    wanted = {
        "title": f"{cause} is down",
        "severity": "warning",
        "begun_at": at(begun),
        "opened_at": at(begun),
    }
    if closed is not None:
        wanted |= {"closed_at": at(closed), "live": None, "state": "closed"}
    return Alert.objects.create(cause=cause, **(wanted | values))


def check_row(slug: str, *states: tuple[float, str], now: str = "up") -> Check:
    """A check that was up, and its flips by hour."""
    check = Check.objects.create(slug=slug, kind="host", name=slug, state=now)
    was = "up"
    for hours, state in states:
        Flip.objects.create(subject=check, at=at(hours), was=was, state=state)
        was = state
    return check


def start_row(job: str, hours: float, outcome: str, took: float | None = 60) -> None:
    Start.objects.create(
        job=job, at=at(hours), host="h", pid=1, outcome=outcome, duration=took
    )


def values(section: Section) -> list[tuple[object, ...]]:
    rows = section.table.rows if section.table else []
    return [tuple(cell.value for cell in row) for row in rows]


def test_alerts_of_a_night_the_worst_first():
    alert_row("before", -9, -1)
    alert_row("later", 25)
    old = alert_row("old", -2, severity="critical")
    seen = alert_row("seen to", 1, state="acknowledged", acknowledged_at=at(2))
    alert_row("explained", 1.5, because=old)
    closed = alert_row("closed", 3, 5)
    over_later = alert_row("over later", 4, 30)

    section = alerts(NIGHT)

    assert values(section) == [
        ("critical", "old is down", old.opened_at, 26 * HOUR, "open"),
        ("warning", "over later is down", at(4), 20 * HOUR, "open"),
        ("warning", "seen to is down", seen.opened_at, 23 * HOUR, "acknowledged"),
        ("warning", "explained is down", at(1.5), 22.5 * HOUR, "explained by another"),
        ("warning", "closed is down", closed.opened_at, 2 * HOUR, "closed"),
    ]
    assert section.facts == (("Opened", 4), ("Closed", 1), ("Live", 4))
    assert section.told == "4 new alerts, 1 closed"
    assert section.needs == (
        Need("old is down", old.get_absolute_url()),
        Need("over later is down", over_later.get_absolute_url()),
    )


def test_who_saw_to_an_alert_after_the_night_did_not_in_it():
    alert_row("late", 1, state="acknowledged", acknowledged_at=at(25))
    assert [need.said for need in alerts(NIGHT).needs] == ["late is down"]


def test_of_many_alerts_the_rest_is_counted():
    for number in range(10):
        alert_row(f"host {number}", number)
    section = alerts(NIGHT)
    assert (len(values(section)), section.table.more) == (6, "and 4 more alerts")


def test_what_was_down_is_told_with_how_often_and_how_long():
    check_row("well", (1, "grace"), (2, "up"))
    check_row("flapping", (1, "down"), (2, "up"), (3, "down"), (3.5, "up"))
    check_row("still", (20, "down"), now="down")
    check_row("from-before", (-5, "down"), (2, "up"))
    check_row("all-night", (-5, "down"), now="down")
    check_row("all-night-mended-later", (-5, "down"), (30, "up"))
    check_row("before", (-5, "down"), (-2, "up"))
    check_row("later", (25, "down"), now="down")
    Check.objects.create(slug="ever", kind="host", name="ever", state="down")

    section = checks(NIGHT)

    assert values(section) == [
        ("all-night", 1, 24 * HOUR, "down"),
        ("all-night-mended-later", 1, 24 * HOUR, "down"),
        ("ever", 1, 24 * HOUR, "down"),
        ("still", 1, 4 * HOUR, "down"),
        ("from-before", 1, 2 * HOUR, "not down"),
        ("flapping", 2, 1.5 * HOUR, "not down"),
    ]
    assert section.facts == (("Were down", 6), ("Are down", 4))
    assert section.told == "6 checks had been down, 4 still are"


def test_what_is_still_down_needs_somebody_unless_an_alert_says_so():
    check_row("mended", (1, "down"), (2, "up"))
    check_row("later", (1, "down"), (25, "up"))
    root = check_row("root", (1, "down"), now="down")
    Check.objects.filter(pk=check_row("hung", (1, "down"), now="down").pk).update(
        depends=["root"]
    )
    alert_row("told", 1, subject=check_row("told", (1, "down"), now="down"))
    over = check_row("over", (1, "down"), now="down")
    alert_row("over", 1, 5, subject=over)
    alert_row("over later", 1, 30, subject=check_row("seen", (1, "down"), now="down"))

    needs = checks(NIGHT).needs
    assert sorted(needs) == [
        Need("Host later is down", "/monitor/checks/later/"),
        Need("Host over is down", over.get_absolute_url()),
        Need("Host root is down", root.get_absolute_url()),
    ]


def test_a_night_is_not_quiet_while_something_is_down():
    check_row("archive", (20, "down"), now="down")
    verdict = Report(NIGHT, [checks(NIGHT)]).verdict
    assert verdict == "One thing needs you: Host archive is down."
    Check.objects.update(state="up")
    Flip.objects.update(at=at(2), was="down", state="up")
    verdict = Report(NIGHT, [checks(NIGHT)]).verdict
    assert verdict == "A quiet night: 1 check had been down."


def test_a_check_without_flips_before_was_as_its_first_flip_says():
    check = Check.objects.create(slug="new", kind="host", name="new", state="up")
    Flip.objects.create(subject=check, at=at(6), was="down", state="up")
    assert values(checks(NIGHT)) == [("new", 1, 6 * HOUR, "not down")]


def test_jobs_are_counted_and_named_if_a_start_failed():
    start_row("prune", 1, "succeeded")
    start_row("prune", 2, "failed", 90)
    start_row("seal", 1, "succeeded")
    start_row("seal", 25, "failed")
    start_row("seal", -1, "failed")

    section = jobs(NIGHT)

    assert values(section) == [("prune", 2, 1, timedelta(seconds=90))]
    assert section.facts == (("Jobs", 2), ("Starts", 3), ("Failed", 1))
    assert section.told == "1 start of jobs failed"


def test_nothing_at_all_is_said_as_such():
    told = [
        (one.told, one.empty, one.table) for one in map(_of, (alerts, checks, jobs))
    ]
    assert told == [
        ("", "No alert was opened, and none was live.", None),
        ("", "Nothing was down.", None),
        ("", "No job was started.", None),
    ]


def _of(gather: sections.Gather) -> Section:
    return gather(NIGHT)


def report(*inside: Section) -> Report:
    return Report(NIGHT, list(inside))


@pytest.mark.parametrize(
    ("inside", "verdict"),
    [
        ([], "A quiet night."),
        (
            [Section("a", told="12 runs"), Section("b"), Section("c", told="x")],
            "A quiet night: 12 runs; x.",
        ),
        (
            [Section("a", told="12 runs"), Section("b", needs=(Need("X is down"),))],
            "One thing needs you: X is down.",
        ),
        (
            [Section("a", needs=(Need("X"), Need("Y"), Need("Z")))],
            "Three things need you: X; Y; Z.",
        ),
        (
            [Section("a", needs=tuple(Need(str(n)) for n in range(12)))],
            "12 things need you: 0; 1; 2; and 9 more.",
        ),
    ],
)  # fmt: skip
def test_the_first_sentence_says_what_needs_somebody_or_that_all_is_well(
    inside, verdict
):
    assert report(*inside).verdict == verdict


def test_sections_stand_in_the_order_that_their_apps_gave(monkeypatch):
    monkeypatch.setattr(sections, "declared", [])
    sections.declare(20, lambda night: Section("second"))
    sections.declare(10, lambda night: Section(f"first, to {night.day}"))
    assert [one.title for one in write(NIGHT).sections] == [
        "first, to 2026-11-21",
        "second",
    ]


def test_as_text_a_report_has_lines_and_whole_addresses(by_utc):
    head, numbers = ("Job", "Starts"), frozenset({"Starts"})
    rows = [(Cell("prune", "/x/"), Cell(2)), (Cell("seal_cases"), Cell(12345))]
    lines = text(
        report(
            Section(
                "Jobs",
                needs=(Need("X is down", "/monitor/x/"),),
                facts=(("Jobs", 2), ("Longest", timedelta(seconds=90))),
                table=Table(head, rows, numbers, "and 3 more jobs"),
                note="A note.",
            ),
            Section("Alerts", empty="None."),
        )
    )
    assert lines == (
        "One thing needs you:\n"
        "  - X is down\n"
        "    http://localhost:8000/monitor/x/\n"
        "\n"
        "Night to Saturday 2026-11-21: 2026-11-20 08:00 to 2026-11-21 08:00, UTC\n"
        "http://localhost:8000/monitor/report/?date=2026-11-21\n"
        "\n"
        "JOBS\n"
        "Jobs 2, Longest 1 min 30 s\n"
        "  Job         Starts\n"
        "  prune            2\n"
        "  seal_cases  12 345\n"
        "  and 3 more jobs\n"
        "A note.\n"
        "\n"
        "ALERTS\n"
        "None.\n"
    )
