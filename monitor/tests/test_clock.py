"""When a line is due: ordinary minutes, nights of DST, sleep, steps of the clock."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.clock import MINUTE, Clock, Line, enabled, zone

TICK = Line("* * * * *", "tick")
HALF_PAST_TWO = Line("30 2 * * *", "nightly")
HOURLY = Line("5 * * * *", "hourly")
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


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
"""
    assert enabled(text) == [
        Line("* * * * *", "cd '/a b' && CONFIG_FILE='/50%/c' run tick"),
        Line("0 * * * *", "report"),
        Line("0 3 * jan mon-fri", "weekly"),
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
