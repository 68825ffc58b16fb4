"""Which time a night report is about, on nights of every length too."""

from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.report.night import NoSuchNight, ended_on, last, lately

AT = datetime(2026, 11, 21, 15, tzinfo=UTC)


@pytest.fixture
def clock(settings):
    """Set the clock's zone and the report's time: clock("Europe/Berlin", "08:00")."""

    def set_to(zone: str, report_at: str = "08:00") -> None:
        scheduler = settings.PULSAR.scheduler.model_copy(update={"zone": zone})
        monitor = settings.PULSAR.monitor.model_copy(update={"report_at": report_at})
        settings.PULSAR = settings.PULSAR.model_copy(
            update={"scheduler": scheduler, "monitor": monitor}
        )

    set_to("Europe/Berlin")
    return set_to


def shown(night) -> tuple[str, str, bool]:
    return f"{night.since:%m-%d %H:%M}", f"{night.until:%m-%d %H:%M}", night.is_over


def test_lately_are_the_last_24_hours():
    assert lately(AT) == (AT - timedelta(days=1), AT, None, True)


def test_a_night_goes_from_one_report_to_the_next_by_the_sites_clock(clock):
    night = ended_on(date(2026, 11, 20), AT)
    assert shown(night) == ("11-19 07:00", "11-20 07:00", True)
    assert night.day == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("at", "day"),
    [("06:59", 20), ("07:00", 21), ("23:59", 21)],
)
def test_the_last_night_has_ended(clock, at, day):
    hours, minutes = map(int, at.split(":"))
    assert last(AT.replace(hour=hours, minute=minutes)).day == date(2026, 11, day)


def test_the_present_night_goes_up_to_now(clock):
    assert shown(ended_on(date(2026, 11, 22), AT)) == (
        "11-21 07:00",
        "11-21 15:00",
        False,
    )


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)],
)
@pytest.mark.parametrize("report_at", ["08:00", "00:00", "23:59", "12:00"])
def test_nights_on_which_clocks_change_are_shorter_or_longer(
    clock, day, hours, report_at
):
    clock("Europe/Berlin", report_at)
    days = [day - timedelta(days=1), day, day + timedelta(days=1)]
    before, night, after = (ended_on(one, AT) for one in days)
    assert (before.until, night.until) == (night.since, after.since)
    lengths = {one.until - one.since for one in (before, night, after)}
    assert lengths == {timedelta(hours=24), timedelta(hours=hours)}


def test_a_report_in_the_hour_that_is_left_out_comes_right_after_it(clock):
    clock("Europe/Berlin", "02:30")
    assert shown(ended_on(date(2026, 3, 29), AT)) == (
        "03-28 01:30",
        "03-29 01:00",
        True,
    )


def test_a_report_in_the_hour_that_comes_twice_comes_the_first_time(clock):
    clock("Europe/Berlin", "02:30")
    assert shown(ended_on(date(2026, 10, 25), AT)) == (
        "10-24 00:30",
        "10-25 00:30",
        True,
    )


def test_a_day_that_a_calendar_left_out_had_no_night(clock):
    clock("Pacific/Apia")
    with pytest.raises(NoSuchNight, match="leaves this day out"):
        ended_on(date(2011, 12, 30), AT)
    night = ended_on(date(2011, 12, 31), AT)
    assert night.until - night.since == timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 23), "has not begun"),
        (date(9999, 12, 31), "has not begun"),
        (date(1999, 12, 31), "before the year 2000"),
        (date(1, 1, 1), "before the year 2000"),
    ],
)
def test_there_is_no_night_before_the_first_site_and_none_to_come(clock, day, words):
    with pytest.raises(NoSuchNight, match=words):
        ended_on(day, AT)
