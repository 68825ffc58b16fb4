"""How times, durations and numbers read."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.templatetags.times import duration, grouped, moment

EVENING = datetime(2026, 11, 21, 23, 30, 15, tzinfo=UTC)


def test_a_moment_is_in_the_viewers_zone_with_utc_and_mjd_on_hover():
    with timezone.override(ZoneInfo("Europe/Berlin")):
        shown = moment(EVENING)

    assert shown == (
        '<time datetime="2026-11-21T23:30:15Z" '
        'title="2026-11-21 23:30:15 UTC · MJD 61365.97934">2026-11-22 00:30</time>'
    )


def test_a_moment_can_have_seconds():
    assert moment(EVENING, "seconds").endswith(">2026-11-21 23:30:15</time>")


def test_what_has_not_happened_is_a_dash():
    assert [moment(None), grouped(None), duration(None)] == ["–", "–", "–"]


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0"), (999, "999"), (17898, "17 898"), (-1234567, "-1 234 567")],
)
def test_numbers_are_grouped_by_thin_spaces(number, shown):
    assert grouped(number) == shown.replace(" ", "\u202f")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0.0 s"),
        (0.44, "0.4 s"),
        (9.94, "9.9 s"),
        (9.97, "10 s"),
        (59.6, "1 min 00 s"),
        (245, "4 min 05 s"),
        (timedelta(hours=1, minutes=4), "1 h 04 min"),
        (timedelta(days=2, hours=3), "2 d 03 h"),
    ],
)
def test_durations_show_the_two_units_that_matter(value, shown):
    assert duration(value) == shown
