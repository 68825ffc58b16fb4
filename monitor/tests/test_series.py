"""series, chart: what is drawn of a figure, from samples and from their means."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from monitor.figures import samples
from monitor.figures.chart import chart
from monitor.figures.declared import Figure
from monitor.figures.series import RANGES, names, series
from monitor.figures.thin import thin
from monitor.figures.units import ceiling, in_words
from monitor.models import Sample

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

AT = datetime(2026, 11, 21, 12, 34, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY, WEEK, MONTH = RANGES.values()


def put(values: dict[float, float], name: str = "load", **labels: str) -> None:
    """Samples by the minutes before now."""
    for minutes, value in values.items():
        samples.put(name, value, at=AT - minutes * MINUTE, **labels)


def points(wanted, name: str = "load") -> list[tuple]:
    (line,) = series([name], wanted, AT)
    return [(f"{point.at:%d %H:%M}", *point[1:]) for point in line.points]


# The beginnings of the stretches that have something, its number, mean and bounds.
EXPECTED = {
    "day": [
        ("21 08:20", 1, 1, 1, 1),
        ("21 12:00", 2, 3, 2, 4),
        ("21 12:30", 1, 9, 9, 9),
    ],
    "week": [("21 08:00", 1, 1, 1, 1), ("21 12:00", 3, 5, 2, 9)],
    "month": [("21 06:00", 1, 1, 1, 1), ("21 12:00", 3, 5, 2, 9)],
}


@pytest.mark.parametrize("thinned", [False, True])
@pytest.mark.parametrize("wanted", RANGES.values(), ids=RANGES)
def test_points_are_the_same_before_and_after_samples_became_means(wanted, thinned):
    put({4 * 60 + 14: 1, 30: 2, 25: 4, 2: 9})
    if thinned:
        thin(AT)
        Sample.objects.filter(at__lt=AT - 10 * MINUTE).delete()
    assert points(wanted) == EXPECTED[wanted.name]


def test_only_what_lies_in_the_range_and_bears_the_name_is_taken():
    put({25 * 60: 1, 8 * 24 * 60: 2, 31 * 24 * 60: 3, 5: 4})
    put({5: 9}, name="other")
    assert [len(points(wanted)) for wanted in (DAY, WEEK, MONTH)] == [1, 2, 3]


def test_each_set_of_labels_is_a_line_of_its_own_with_its_latest_value():
    put({30: 1, 1: 2}, host="b", family="ipv4")
    Sample.objects.create(
        name="load", value=3, at=AT, labels={"family": "ipv4", "host": "b"}
    )
    put({50: 7}, host="a")
    told = [
        (line.labels, line.whole.last, line.whole.n)
        for line in series(["load"], DAY, AT)
    ]
    assert told == [
        ('{"family": "ipv4", "host": "b"}', 3, 3),
        ('{"host": "a"}', 7, 1),
    ]


def test_every_figure_is_found_whether_its_samples_are_there_or_their_means():
    put({60 * 24 * 5: 1}, name="old")
    put({60 * 24 * 4: 1}, name="newer")
    thin(AT)
    put({1: 1}, name="new")
    assert names() == ["new", "newer", "old"]


def test_the_axis_has_the_full_hours_and_the_days_of_the_viewer():
    with timezone.override("Asia/Kolkata"):
        day, week = (
            [f"{timezone.localtime(tick):%a %H:%M}" for tick in wanted.ticks(AT)]
            for wanted in (DAY, WEEK)
        )
    assert day == ["Fri 19:00", "Sat 01:00", "Sat 07:00", "Sat 13:00"]
    assert week == [
        f"{day} 00:00" for day in ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
    ]


def test_a_week_with_a_day_of_25_hours_still_begins_at_midnight():
    after = datetime(2026, 10, 27, 12, tzinfo=UTC)
    with timezone.override("Europe/Berlin"):
        since, end = WEEK.around(after)
        ticks = [f"{timezone.localtime(tick):%d %H:%M}" for tick in WEEK.ticks(after)]
    assert end - since == timedelta(days=7, hours=1)
    assert ticks == [f"{day} 00:00" for day in range(21, 28)]


def test_a_line_breaks_where_nothing_was_measured():
    put({0: 2, 10: 1, 20: 4, 90: 3})
    drawn = chart(Figure("load", "Load"), series(["load"], DAY, AT), DAY, AT)
    (line,) = drawn.lines
    assert (drawn.top, drawn.bottom, drawn.beyond) == ("5", "", 0)
    # Three in a row, and one that stands alone as a dot.
    assert line.path == "M968.8 20.0L975.7 80.0L982.6 60.0"
    assert line.dots == "M920.1 40.0h0"
    assert line.said.words == "latest 2, lowest 1, mean 2.5, highest 4"
    assert drawn.words == f"Load over a day: {line.said.words}"


def test_of_many_lines_the_highest_are_drawn():
    for number in range(9):
        put({5: number}, host=str(number))
    drawn = chart(Figure("load", "Load"), series(["load"], DAY, AT), DAY, AT)
    assert [line.said.label for line in drawn.lines] == [
        f"host {number}" for number in range(3, 9)
    ]
    assert drawn.beyond == 3


def test_what_is_below_nothing_has_a_line_at_nothing():
    put({5: -30})
    drawn = chart(Figure("x", "X", "seconds"), series(["load"], DAY, AT), DAY, AT)
    assert (drawn.top, drawn.bottom, drawn.zero) == ("0 s", "-30 s", 0)


@pytest.mark.parametrize(
    ("value", "unit", "words", "end"),
    [
        (0, "", "0", 1),
        (0, "tasks", "0 tasks", 1),
        (1, "tasks", "1 task", 1),
        (1, "events", "1 event", 1),
        (-1, "", "-1", 1),
        (0.0123456, "", "0.0123", 0.02),
        (1234567, "rows", "1\u202f234\u202f567 rows", 2_000_000),
        (0.05, "share", "5 %", 0.05),
        (0.0042, "seconds", "4.2 ms", 0.005),
        (0.00001, "seconds", "10 µs", 0.00001),
        (5000, "seconds", "1 h 23 min", 7200),
        (3 * 1024**3, "bytes", "3 GB", 3 * 1024**3),
        (900 * 1024, "bytes", "900 KB", 1000 * 1024),
    ],
)
def test_values_read_with_their_units_and_axes_end_at_round_ones(
    value, unit, words, end
):
    assert in_words(value, unit) == words
    assert ceiling(value, unit) == pytest.approx(end)
