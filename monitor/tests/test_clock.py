"""When a line is due: ordinary minutes, nights of DST, sleep, steps of the clock."""

import random
import re
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from django.conf import settings

from monitor.clock.due import MINUTE, Clock, Line, enabled, zone
from monitor.clock.wall import occurrences
from monitor.tests import debian_cron, nights
from monitor.tests.debian_cron import at

TICK = Line("* * * * *", "tick")
HALF_PAST_TWO = Line("30 2 * * *", "nightly")
HOURLY = Line("5 * * * *", "hourly")
BERLIN = ZoneInfo("Europe/Berlin")


def runs(line: Line, since: datetime, until: datetime, where: ZoneInfo) -> list[str]:
    """The minutes, in UTC, at which a clock that looks every 20 s starts the line."""
    clock, now, started = Clock(where, since), since, []
    while now < until:
        now += timedelta(seconds=20)
        started += [f"{now:%d %H:%M}" for _ in clock.due(now, [line])]
    return started


def test_each_minute_is_served_once_however_often_the_clock_looks():
    assert runs(TICK, at("2026-06-01 12:00:50"), at("2026-06-01 12:03:30"), BERLIN) == [
        "01 12:01", "01 12:02", "01 12:03",
    ]  # fmt: skip


def test_the_minute_in_which_a_clock_starts_has_been_served():
    clock = Clock(BERLIN, at("2026-06-01 12:00:10"))
    assert clock.due(at("2026-06-01 12:00:50"), [TICK]) == []


def test_a_fixed_hour_is_that_of_the_zone():
    assert runs(HALF_PAST_TWO, at("2026-06-01"), at("2026-06-03"), BERLIN) == [
        "01 00:30", "02 00:30",
    ]  # fmt: skip


def test_a_fixed_hour_that_the_night_leaves_out_runs_once_right_after_it():
    # 29 March 2026: 02:00 to 03:00 does not exist in Berlin.
    assert runs(
        HALF_PAST_TWO, at("2026-03-28 20:00"), at("2026-03-29 20:00"), BERLIN
    ) == ["29 01:00"]


def test_a_fixed_hour_that_the_night_has_twice_runs_once():
    # 25 October 2026: 02:00 to 03:00 comes twice in Berlin.
    assert runs(
        HALF_PAST_TWO, at("2026-10-24 20:00"), at("2026-10-25 20:00"), BERLIN
    ) == ["25 00:30"]


def test_a_clock_that_starts_in_the_second_of_the_two_hours_does_not_repeat_it():
    assert (
        runs(HALF_PAST_TWO, at("2026-10-25 01:05"), at("2026-10-25 20:00"), BERLIN)
        == []
    )


def test_an_hourly_line_runs_in_both_of_the_two_hours():
    assert runs(HOURLY, at("2026-10-24 23:30"), at("2026-10-25 02:30"), BERLIN) == [
        "25 00:05", "25 01:05", "25 02:05",
    ]  # fmt: skip


def test_after_a_short_sleep_each_line_that_was_missed_runs_once():
    clock = Clock(BERLIN, at("2026-06-01 00:20"))
    assert clock.due(at("2026-06-01 02:40"), [TICK, HALF_PAST_TWO, HOURLY]) == [
        TICK, HALF_PAST_TWO, HOURLY,
    ]  # fmt: skip
    assert clock.due(at("2026-06-01 02:41"), [TICK, HALF_PAST_TWO, HOURLY]) == [TICK]


def test_after_a_long_sleep_only_what_is_due_now_runs():
    clock = Clock(BERLIN, at("2026-06-01 00:20"))
    later = at("2026-06-01 08:40")
    assert clock.due(later, [TICK, HALF_PAST_TWO, HOURLY]) == [TICK]


def test_a_step_back_keeps_the_tick_going_and_repeats_no_fixed_hour():
    clock = Clock(BERLIN, at("2026-06-01 00:29"))
    lines = [TICK, HALF_PAST_TWO]
    assert clock.due(at("2026-06-01 00:30"), lines) == [TICK, HALF_PAST_TWO]
    stepped = [clock.due(at("2026-06-01 00:28") + n * MINUTE, lines) for n in range(4)]
    assert stepped == [[TICK]] * 4


def test_a_correction_by_hours_starts_afresh():
    clock = Clock(BERLIN, at("2026-06-02 00:30"))
    assert clock.due(at("2026-06-01 00:30"), [TICK, HALF_PAST_TWO]) == [
        TICK, HALF_PAST_TWO,
    ]  # fmt: skip


@pytest.mark.parametrize("night", nights.NIGHTS, ids=lambda night: night.name)
def test_on_the_nights_of_dst_the_slots_are_those_of_debians_cron(night):
    for cron in nights.CRONS:
        slots = list(occurrences(cron, night.since, night.until, night.zone))
        by_debian = debian_cron.slots(cron, night.since, night.until, night.zone)
        assert slots == by_debian, cron
        # The embedded clock, which looks three times a minute, starts it at these.
        started = runs(Line(cron, "job"), night.since, night.until, night.zone)
        assert started == [f"{slot:%d %H:%M}" for slot in slots]


# Where a shift is no whole hour, cronsim goes on in steps of an hour or jumps to the
# next half hour, past a minute that the shift has brought nearer.
MISSED_BY_CRONSIM = {
    ("Australia/Lord_Howe, 4 October 2026", "30 * * * *"): "02:30",
    ("Australia/Lord_Howe, 5 April 2026", "30 * * * *"): "01:30+",
    ("Australia/Lord_Howe, 5 April 2026", "0 */2 * * *"): "02:00",
}


def by_cronsim(cron: str, night: nights.Night) -> set[datetime]:
    said = CronSim(cron, night.since.astimezone(night.zone))
    until = takewhile(
        lambda slot: slot <= night.until, (s.astimezone(UTC) for s in said)
    )
    # In the hour that comes twice, it may name one that has been.
    return {slot for slot in until if slot > night.since}


@pytest.mark.parametrize("night", nights.NIGHTS, ids=lambda night: night.name)
def test_on_the_nights_of_dst_cronsim_says_the_same_but_for_three_slots(night):
    for cron in nights.CRONS:
        slots = set(occurrences(cron, night.since, night.until, night.zone))
        said = by_cronsim(cron, night)
        assert said <= slots
        missed = nights.told(sorted(slots - said), night)
        assert missed == MISSED_BY_CRONSIM.get((night.name, cron), "none")


def test_at_any_time_of_such_nights_the_slots_are_those_of_debians_cron():
    dice = random.Random(8)  # noqa: S311  # the same each time
    for _ in range(80):
        night, cron = dice.choice(nights.NIGHTS), _some_line(dice)
        since = night.change - dice.randint(0, 300) * MINUTE
        until = since + dice.randint(1, 600) * MINUTE
        expected = debian_cron.slots(cron, since, until, night.zone)
        # Between two minutes it is the same as at the first of them.
        for seconds in (timedelta(), timedelta(seconds=17)):
            slots = occurrences(cron, since + seconds, until + seconds, night.zone)
            assert list(slots) == expected, (cron, night.name, since, until)


def _some_line(dice: random.Random) -> str:
    def field(highest: int) -> str:
        n, m = sorted(dice.sample(range(highest + 1), 2))
        return dice.choice(["*", f"*/{n + 1}", f"{n}", f"{n}-{m}", f"{n},{m}"])

    days = dice.choice(["* * *", "* * 0", "*/2 * 6,7", "4-6 * 1", "29 3 *"])
    return f"{field(59)} {field(dice.choice([4, 23]))} {days}"


# The minute after the step, at which Debian's cron leaves out what it has passed.
MADE_GOOD = {
    ("an hour forward", "*/15 * * * *"): "Sun 03:11",
    ("an hour forward", "30 * * * *"): "Sun 03:11",
}


@pytest.mark.parametrize("step", nights.STEPS, ids=lambda step: step.name)
def test_a_step_of_the_clock_starts_what_debians_cron_starts_and_two_more(step):
    for cron in nights.CRONS:
        by_debian, embedded = step.debian(cron), step.embedded(cron)
        assert [n for n in by_debian if n not in embedded] == []
        also = step.told([n for n in embedded if n not in by_debian])
        assert also == MADE_GOOD.get((step.name, cron), "none")


def test_the_documentation_holds_the_table_as_it_is_computed():
    told = (settings.BASE_DIR / "docs" / "clock.md").read_text()
    _, table, _ = re.split(r"<!-- (?:table|end of table) -->\n", told)
    assert table == nights.table()


def test_a_date_that_never_comes_stops_nobody():
    never = Line("0 0 31 2 *", "never")
    clock = Clock(BERLIN, at("2026-06-01 12:00"))
    assert clock.due(at("2026-06-01 12:01"), [never, TICK]) == [TICK]


def test_only_lines_that_are_on_and_have_a_time_are_started():
    text = r"""
# a remark
* * * * * cd '/a b' && CONFIG_FILE='/50\%/c' run tick # pulsarsite /a b
# 17 * * * * seal # job seal
@hourly report
@reboot never
61 * * * * nonsense
not a line
0 3 * jan mon-fri weekly # job weekly
 */6,16 1-4  * * mon-7 odd
A = b c d e f g
0 3 * *
"""
    assert enabled(text) == [
        Line("* * * * *", "cd '/a b' && CONFIG_FILE='/50%/c' run tick"),
        Line("0 * * * *", "report"),
        Line("0 3 * jan mon-fri", "weekly"),
        Line("*/6,16 1-4 * * mon-7", "odd"),
    ]


@pytest.mark.parametrize(
    ("named", "link", "offset"),
    [
        ("Asia/Tokyo", "Europe/Berlin", 9),
        ("", "Europe/Berlin", 1),
        ("", None, 0),
    ],
)
def test_the_zone_is_the_named_one_or_that_of_the_machine(
    tmp_path: Path, named, link, offset
):
    localtime = tmp_path / "localtime"
    if link:
        known = [Path("/usr/share/zoneinfo"), *Path("/").glob("usr/lib*/zoneinfo")]
        source = next((f for f in known if f.is_dir()), None)
        if source is None:
            pytest.skip("this machine has no zone files")
        localtime.symlink_to(source / link)
    winter = at("2026-01-01").astimezone(zone(named, localtime))
    assert winter.utcoffset() == timedelta(hours=offset)
