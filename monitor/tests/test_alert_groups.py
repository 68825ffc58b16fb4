"""What depends on something broken is explained by it, and not told apart."""

import pytest

from monitor.alerts import listing
from monitor.alerts.acknowledge import close
from monitor.alerts.watch import watch
from monitor.models import Alert, Channel, Check, Delivery
from monitor.tests.alerted import check, live, measured, minutes, pass_by, rule, turn

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mail():
    return Channel.objects.create(name="All", kind="mail", address="a@example.org")


def told() -> list[tuple[str, str]]:
    rows = Delivery.objects.order_by("pk")
    return list(rows.values_list("alert__cause", "what"))


def because() -> dict[str, str | None]:
    """By what each live alert is explained."""
    rows = Alert.objects.filter(live=True)
    return dict(rows.values_list("cause", "because__cause"))


@pytest.fixture
def chain():
    """An outbox in a database on a host."""
    check("host-db")
    check("database-events", depends=["host-db"])
    check("outbox", depends=["database-events"])


@pytest.mark.engines
def test_a_host_that_is_down_explains_its_database_and_that_the_outbox(chain):
    rule()
    for slug in ("outbox", "database-events", "host-db"):
        turn(slug, "down", 0)
    pass_by(0, 3)
    assert because() == {
        "host-db": None,
        "database-events": "host-db",
        "outbox": "database-events",
    }
    for slug in ("outbox", "database-events", "host-db"):
        turn(slug, "up", 4)
    pass_by(4, 6)
    assert live() == {}
    assert told() == [("host-db", "opened"), ("host-db", "recovered")]


def test_a_root_that_takes_longer_to_be_an_alert_is_waited_for(chain):
    rule(kind="host", for_seconds=120)
    rule(kind="database")
    turn("database-events", "down", 0)
    turn("host-db", "down", 0)
    pass_by(0, 1)
    assert live() == {"database-events": "open"}
    assert told() == []
    pass_by(2, 4)
    assert because() == {"host-db": None, "database-events": "host-db"}
    assert told() == [("host-db", "opened")]


def test_a_root_that_never_becomes_an_alert_hides_nothing(chain):
    rule(kind="host", for_seconds=120)
    rule(kind="database")
    turn("database-events", "down", 0)
    turn("host-db", "down", 0)
    pass_by(0, 1)
    turn("host-db", "up", 2)
    pass_by(2, 2)
    assert told() == [("database-events", "opened")]


def test_a_root_that_no_rule_watches_hides_nothing(chain):
    rule(kind="database")
    turn("database-events", "down", 0)
    turn("host-db", "down", 0)
    pass_by(0, 0)
    assert told() == [("database-events", "opened")]


def test_a_root_that_is_no_alert_for_long_hides_nothing(chain):
    rule(kind="host", for_seconds=3600)
    rule(kind="database")
    turn("database-events", "down", 0)
    turn("host-db", "down", 0)
    pass_by(0, 1)
    assert told() == [("database-events", "opened")]


def test_a_root_that_is_noticed_later_takes_in_what_was_told_already(chain):
    rule(kind="host")
    rule(kind="database")
    turn("database-events", "down", 0)
    pass_by(0, 1)
    turn("host-db", "down", 2)
    pass_by(2, 3)
    assert because() == {"database-events": "host-db", "host-db": None}
    for slug in ("database-events", "host-db"):
        turn(slug, "up", 4)
    pass_by(4, 7)
    # Who heard that the database broke hears that it is well.
    assert told() == [
        ("database-events", "opened"),
        ("host-db", "opened"),
        ("database-events", "recovered"),
        ("host-db", "recovered"),
    ]


def test_what_broke_long_before_is_not_explained_by_it(chain):
    rule()
    turn("database-events", "down", 0)
    pass_by(0, 9)
    turn("host-db", "down", 10)
    pass_by(10, 11)
    assert because() == {"database-events": None, "host-db": None}


def test_what_stays_down_after_its_root_is_told_when_it_had_its_time(chain):
    rule(kind="host")
    rule(kind="database", for_seconds=180)
    for slug in ("database-events", "host-db"):
        turn(slug, "down", 0)
    pass_by(0, 5)
    assert told() == [("host-db", "opened")]
    turn("host-db", "up", 6)
    pass_by(6, 10)
    assert told() == [("host-db", "opened"), ("host-db", "recovered")]
    pass_by(11, 12)
    assert because() == {"database-events": None}
    assert told()[2:] == [("database-events", "opened")]


def test_what_hangs_on_a_root_that_a_person_closed_is_told(chain, person):
    rule()
    for slug in ("database-events", "host-db"):
        turn(slug, "down", 0)
    pass_by(0, 1)
    close(Alert.objects.get(cause="host-db"), person("operator"), "It is retired.")
    Alert.objects.filter(live=None).update(closed_at=minutes(1))
    pass_by(2, 3)
    assert live() == {"database-events": "open"}
    assert told() == [("host-db", "opened"), ("database-events", "opened")]


def test_what_is_well_in_between_explains_nothing(chain):
    rule()
    for slug in ("outbox", "host-db"):
        turn(slug, "down", 0)
    pass_by(0, 0)
    assert because() == {"outbox": None, "host-db": None}


def test_what_depends_on_each_other_is_told_once_and_never_hangs():
    rule()
    check("host-a", "down", since=0, depends=["host-b", "host-a"])
    check("host-b", "down", since=1, depends=["host-c"])
    check("host-c", "down", since=2, depends=["host-a", "gone"])
    pass_by(2, 3)
    assert because()["host-a"] is None
    assert told() == [("host-a", "opened")]


def test_a_circle_that_was_closed_at_different_times_is_told_and_shown():
    rule()
    check("host-a", depends=["host-b"])
    check("host-b", depends=["host-a"])
    turn("host-b", "down", 0)
    turn("host-a", "down", 1)
    pass_by(1, 1)
    assert because() == {"host-b": None, "host-a": "host-b"}
    turn("host-b", "up", 2)
    pass_by(2, 2)
    turn("host-b", "down", 3)
    pass_by(3, 4)
    assert because() == {"host-b": "host-a", "host-a": None}
    assert {cause for cause, _ in told()} == {"host-a", "host-b"}
    Alert.objects.filter(cause="host-a").update(
        because=Alert.objects.get(cause="host-b")
    )
    assert len(listing.live()) == 2


def test_a_dead_clock_explains_that_nothing_is_read():
    rule("stale", for_seconds=600)
    rule(kind="clock", severity="critical")
    check("clock", "down", since=3)
    check("host-a")
    check("host-b", "down", since=3, looked_at=minutes(3))
    for minute in range(4, 20):
        Check.objects.filter(slug="clock").update(looked_at=minutes(minute))
        watch(minutes(minute))
    assert because() == {"clock": None, "host-a": "clock", "host-b": "clock"}
    assert told() == [("clock", "opened")]


def test_a_pass_asks_as_often_however_much_is_looked_at(django_assert_max_num_queries):
    for number in range(20):
        check(f"host-{number}", "down" if number < 5 else "up", since=0)
    for number in range(80):
        check(f"job-{number}", depends=[f"host-{number % 20}", "clock"])
        turn(f"job-{number}", "down" if number % 20 < 5 else "up", 0)
    for number in range(5):
        rule("above", figure=f"load.{number}", value=1, for_seconds=600)
        measured(f"load.{number}", -20, 2)
        measured(f"load.{number}", -1, 2)
        measured(f"load.{number}", 0, 2)
    rule()
    rule("stale", for_seconds=600)
    pass_by(0, 0)
    assert len(live()) == 30
    Check.objects.update(looked_at=minutes(1))
    # Two of each figure, and the others once or a few times: not one of each check.
    with django_assert_max_num_queries(30):
        watch(minutes(1))
