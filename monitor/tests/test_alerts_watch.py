"""Alerts open when a condition has lasted, and close when it has been well."""

import logging
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from monitor.alerts import change
from monitor.alerts.acknowledge import close
from monitor.alerts.hold import findings
from monitor.alerts.watch import watch
from monitor.alerts.world import world
from monitor.models import Alert, Channel, Check, Delivery, Lease, Outbox, Rule, Sample
from monitor.tests.alerted import (
    NOON,
    check,
    live,
    measured,
    minutes,
    pass_by,
    rule,
    turn,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail():
    return Channel.objects.create(name="All", kind="mail", address="a@example.org")


def messages() -> list[tuple[str, str]]:
    """What was said of which cause, in order."""
    rows = Delivery.objects.order_by("pk")
    return list(rows.values_list("what", "alert__cause"))


def events() -> list[str]:
    rows = Outbox.objects.filter(kind__startswith="alert.").order_by("pk")
    return list(rows.values_list("kind", flat=True))


@pytest.mark.engines
def test_a_thing_that_stays_down_is_one_alert_told_once_and_its_recovery_too(mail):
    rule(kind="host", for_seconds=120, severity="critical")
    check("host-archive")
    turn("host-archive", "down", 1)
    pass_by(1, 2)
    assert live() == {}
    pass_by(3, 8)
    assert live() == {"host-archive": "open"}
    turn("host-archive", "up", 9)
    pass_by(9, 10)
    assert live() == {"host-archive": "open"}
    pass_by(11, 15)
    alert = Alert.objects.get()
    assert (alert.state, alert.live, alert.title) == (
        "closed",
        None,
        "Host host-archive is down",
    )
    assert (alert.begun_at, alert.opened_at, alert.told_at, alert.closed_at) == (
        minutes(1),
        minutes(3),
        minutes(3),
        minutes(11),
    )
    assert alert.evidence["closed"] == "It is well again."
    assert messages() == [("opened", "host-archive"), ("recovered", "host-archive")]
    assert events() == ["alert.opened", "alert.closed"]


def test_the_evidence_is_the_rule_in_words_the_numbers_and_the_rows(mail):
    rule(kind="host", for_seconds=120)
    check("host-archive", summary="refused")
    turn("host-archive", "down", 1)
    pass_by(1, 3)
    evidence = Alert.objects.get().evidence
    assert evidence == {
        "rule": "a host is down for 2 min",
        "since": minutes(1).isoformat(),
        "numbers": [["down for", "2 min", "at least 2 min"]],
        "rows": [
            [minutes(3).isoformat(), "down", "refused"],
            [minutes(1).isoformat(), "down", ""],
        ],
        "rules": {str(Rule.objects.get().pk): "warning"},
    }


def test_what_breaks_again_within_two_minutes_goes_on_as_the_same(mail):
    rule()
    check("broker", "down", since=0)
    pass_by(0, 1)
    turn("broker", "up", 2)
    pass_by(2, 3)
    turn("broker", "down", 3)
    pass_by(3, 6)
    assert [alert.opened_at for alert in Alert.objects.all()] == [minutes(0)]
    assert messages() == [("opened", "broker")]


def test_what_flaps_for_an_hour_is_told_twice_and_its_end_once(mail):
    rule()
    check("broker")
    for start in range(0, 60, 6):
        turn("broker", "down", start)
        pass_by(start, start + 2)
        turn("broker", "up", start + 3)
        pass_by(start + 3, start + 5)
    pass_by(60, 72)
    assert live() == {}
    assert messages() == [
        ("opened", "broker"),
        ("recovered", "broker"),
        ("opened", "broker"),
        ("recovered", "broker"),
    ]
    assert Alert.objects.last().evidence["again"] == 1


def test_the_severest_rule_wins_and_all_their_channels_are_told():
    mine, theirs, off = (
        Channel.objects.create(name=name, kind="mail", address="x", on=on)
        for name, on in (("mine", True), ("theirs", True), ("off", False))
    )
    for severity, channels in (("warning", [mine]), ("critical", [theirs, off])):
        rule(severity=severity, tells_all=False).channels.set(channels)
    check("broker", "down", since=0)
    pass_by(0, 0)
    assert Alert.objects.get().severity == "critical"
    told = Delivery.objects.values_list("channel__name", flat=True)
    assert set(told) == {"mine", "theirs"}


def test_a_graver_rule_that_holds_later_raises_the_alert_once(mail):
    rule()
    graver = rule(for_seconds=600, severity="critical")
    check("broker", "down", since=0)
    pass_by(0, 9)
    assert Alert.objects.get().severity == "warning"
    pass_by(10, 20)
    alert = Alert.objects.get()
    assert (alert.severity, alert.rule) == ("critical", graver)
    assert alert.evidence["rule"] == "anything that is looked at is down for 10 min"
    assert alert.evidence["raised"] == [minutes(10).isoformat(), "warning"]
    assert messages() == [("opened", "broker")] * 2


def test_a_rule_that_tells_others_later_tells_them_alone(mail):
    other = Channel.objects.create(name="Late", kind="mail", address="b@example.org")
    rule(tells_all=False).channels.set([mail])
    rule(for_seconds=300, tells_all=False).channels.set([mail, other])
    check("broker", "down", since=0)
    pass_by(0, 8)
    told = Delivery.objects.order_by("pk").values_list("channel__name", flat=True)
    assert list(told) == ["All", "Late"]


def test_a_job_that_runs_again_after_a_failure_is_not_well_yet(mail):
    rule(kind="job")
    check("job-prune", "down", since=0)
    pass_by(0, 1)
    turn("job-prune", "started", 2)
    pass_by(2, 9)
    assert live() == {"job-prune": "open"}
    turn("job-prune", "up", 10)
    pass_by(10, 12)
    assert live() == {}


def test_a_job_that_does_well_need_not_be_idle_for_that(mail):
    rule(kind="job")
    check("job-prune", "down", since=0)
    pass_by(0, 1)
    turn("job-prune", "started", 2)
    Check.objects.update(detail={"well_since": minutes(2).isoformat()})
    pass_by(2, 3)
    turn("job-prune", "up", 4)
    assert live() == {"job-prune": "open"}
    pass_by(4, 4)
    assert live() == {}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda: turn("broker", "paused", 2), "It is paused."),
        (lambda: Check.objects.all().delete(), "It is not looked at any more."),
        (lambda: Rule.objects.update(on=False), "No rule watches it any more."),
        (lambda: Rule.objects.all().delete(), "No rule watches it any more."),
        (
            lambda: Rule.objects.update(slug="elsewhere"),
            "Its rule watches something else now.",
        ),
    ],
)
def test_an_alert_ends_untold_when_it_is_not_watched_any_more(mail, change, words):
    rule()
    check("broker", "down", since=0)
    pass_by(0, 1)
    change()
    pass_by(2, 2)
    assert [alert.evidence["closed"] for alert in Alert.objects.all()] == [words]
    assert live() == {}
    assert messages() == [("opened", "broker")]


def test_what_was_paused_and_breaks_anew_is_no_trouble_that_came_back(mail):
    rule()
    check("broker", "down", since=0)
    pass_by(0, 1)
    turn("broker", "paused", 2)
    pass_by(2, 2)
    turn("broker", "down", 3)
    pass_by(3, 3)
    assert live() == {"broker": "open"}
    assert "again" not in Alert.objects.get(live=True).evidence


def test_a_rule_that_goes_leaves_the_alert_that_another_still_sees(mail):
    first = rule()
    rule(for_seconds=60)
    check("broker", "down", since=0)
    pass_by(0, 2)
    first.delete()
    pass_by(3, 5)
    assert live() == {"broker": "open"}


def test_a_reading_that_is_old_is_an_alert_until_there_is_a_fresh_one(mail):
    rule("stale", for_seconds=600)
    check("broker")
    for minute in range(14):
        watch(minutes(minute))
    assert live() == {"broker": "open"}
    assert Alert.objects.get().title == "broker has no fresh reading"
    pass_by(14, 14)
    assert live() == {}
    assert [what for what, _ in messages()] == ["opened", "recovered"]


def test_a_figure_counts_when_all_its_values_lay_beyond_the_bound(mail):
    rule("above", figure="outbox.waiting", value=100, for_seconds=300)
    for minute, value in enumerate([50, 150, 150, 90, 150, 150, 150, 150, 150, 150]):
        measured("outbox.waiting", minute, value)
        pass_by(minute, minute)
        assert bool(live()) == (minute >= 9), minute
    alert = Alert.objects.get()
    assert (alert.cause, alert.title, alert.begun_at) == (
        "figure outbox.waiting",
        "Events on their way: above 100 events",
        minutes(4),
    )
    assert alert.evidence["numbers"] == [
        ["newest value", "150 events", "above 100 events"],
        ["values in a row like it", "6", ""],
        ["for", "5 min", "at least 5 min"],
    ]


@pytest.mark.engines
def test_each_label_of_a_figure_is_a_cause_of_its_own(mail):
    rule("below", figure="depth", value=1)
    measured("depth", 0, 0.5, pool="a")
    measured("depth", 0, 2, pool="b")
    pass_by(0, 0)
    assert live() == {"figure depth (pool a)": "open"}
    measured("depth", 1, 3, pool="a")
    pass_by(1, 3)
    assert live() == {}


def test_one_value_is_enough_where_no_time_is_asked_for_and_never_otherwise(mail):
    rule("above", figure="batch.reject_share", value=0.5)
    rule("above", figure="rare", value=0.5, for_seconds=60)
    measured("batch.reject_share", -1, 0.9)
    measured("rare", -30, 0.9)
    measured("rare", 0, 0.9)
    pass_by(0, 0)
    assert live() == {"figure batch.reject_share": "open"}


def test_a_figure_that_comes_no_more_ends_its_alert_after_a_day(mail):
    rule("above", figure="rare", value=1)
    measured("rare", 0, 2)
    pass_by(0, 0)
    watch(minutes(23 * 60))
    assert live() == {"figure rare": "open"}
    watch(minutes(24 * 60 + 1))
    assert live() == {}
    assert Alert.objects.get().evidence["closed"] == "No value of it has come lately."


def test_a_clock_that_is_put_back_opens_and_closes_nothing(mail):
    rule(for_seconds=300)
    check("broker", "down", since=0)
    check("host-a", since=0)
    pass_by(0, 6)
    turn("host-a", "down", 5)
    measured("clock.step", -55, -3600)
    pass_by(-55, -53)
    assert live() == {"broker": "open"}
    # It has been down for five minutes all the same.
    pass_by(-52, -50)
    assert live() == {"broker": "open", "host-a": "open"}


def test_a_clock_that_is_put_forward_lets_no_time_pass(mail):
    rule(for_seconds=600)
    rule("above", figure="load", value=1, for_seconds=600)
    check("broker", "down", since=0)
    measured("load", 0, 5)
    pass_by(0, 1)
    measured("load", 60, 5)
    measured("clock.step", 60, 3480)
    pass_by(60, 61)
    assert live() == {}


def test_one_look_proves_nothing_where_time_is_asked_for(mail):
    rule(for_seconds=600)
    check("broker", "down", since=0)
    watch(minutes(60))
    assert live() == {}
    pass_by(61, 61)
    assert live() == {"broker": "open"}


def test_one_look_proves_nothing_however_long_it_had_been_so(mail):
    rule(for_seconds=60)
    check("clock")
    turn("clock", "down", 5)
    Check.objects.update(since=minutes(2))
    watch(minutes(5))
    assert live() == {}
    pass_by(6, 6)
    assert live() == {"clock": "open"}
    assert Alert.objects.get().begun_at == minutes(2)


def test_a_rule_that_cannot_be_held_is_logged_and_stops_no_other(mail, caplog):
    rule("above", figure="load", value=1)
    measured("load", 0, 5)
    pass_by(0, 0)
    Rule.objects.update(value=None)
    rule()
    check("broker", "down", since=0)
    with caplog.at_level(logging.ERROR):
        pass_by(1, 1)
    assert "cannot be held" in caplog.text
    assert live() == {"figure load": "open", "broker": "open"}


def test_only_one_process_watches_at_a_time(mail):
    rule()
    check("broker", "down", since=0)
    until = timezone.now() + timedelta(seconds=30)
    lease = Lease.objects.create(name="alerts", holder="another", until=until)
    watch(minutes(0))
    assert live() == {}
    lease.delete()
    watch(minutes(0))
    assert live() == {"broker": "open"}


def test_two_that_watch_at_once_open_tell_and_close_an_alert_once(mail):
    """A lease may run out in the middle; then each change is still made once."""
    one = rule()
    check("broker", "down", since=0)
    seen = world([one], minutes(0))
    held = list(findings(one, seen))
    for _ in range(2):
        change.open_one(held, None, seen)
    first, second = Alert.objects.get(), Alert.objects.get()
    for minute, alert in enumerate((first, second)):
        change.tell_it(alert, held, minutes(minute))
    assert Alert.objects.get().told_at == minutes(0)
    for alert in (first, second):
        change.end(alert, minutes(5), "It is well again.", recovered=True)
    assert messages() == [("opened", "broker"), ("recovered", "broker")]
    assert events() == ["alert.opened", "alert.closed"]


@pytest.mark.engines
def test_what_a_person_closed_is_an_alert_again_only_when_it_breaks_anew(mail, person):
    rule()
    check("broker", "down", since=0)
    pass_by(0, 0)
    close(Alert.objects.get(), person("operator"), "We know.")
    Alert.objects.update(closed_at=minutes(1))
    pass_by(1, 5)
    assert live() == {}
    turn("broker", "up", 6)
    pass_by(6, 6)
    turn("broker", "down", 7)
    pass_by(7, 7)
    assert live() == {"broker": "open"}


def test_a_figure_that_stays_beyond_its_bound_stays_closed_by_hand(mail, person):
    rule("above", figure="load", value=1)
    Sample.objects.bulk_create(
        Sample(name="load", at=minutes(minute), value=2) for minute in range(300)
    )
    watch(minutes(0))
    close(Alert.objects.get(), person("operator"), "We know.")
    Alert.objects.update(closed_at=minutes(1))
    watch(minutes(299))
    assert live() == {}
    measured("load", 300, 0)
    watch(minutes(300))
    measured("load", 301, 2)
    watch(minutes(301))
    assert live() == {"figure load": "open"}


@pytest.mark.engines
def test_a_cause_has_one_live_alert_and_any_number_of_closed_ones():
    values = {"cause": "broker", "severity": "warning", "title": "", "begun_at": NOON}
    for _ in range(2):
        Alert.objects.create(**values, live=None, state="closed")
    Alert.objects.create(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        Alert.objects.create(**values)
    assert Alert.objects.count() == 3
