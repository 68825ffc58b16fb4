"""The bar of a check: what its flips say of a day, a week and a month."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.checks.bar import HEIGHT, WINDOWS, past
from monitor.models import Check, Flip

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def watched() -> Check:
    return Check.objects.create(
        slug="broker", kind="broker", name="Broker", state="up", since=NOW - 90 * HOUR
    )


def flip(check: Check, hours_ago: float, was: str, state: str) -> None:
    at = NOW - hours_ago * HOUR
    Flip.objects.create(subject=check, at=at, was=was, state=state, summary=state)
    Check.objects.filter(pk=check.pk).update(state=state, since=at)
    check.refresh_from_db()


def states(bar) -> list[tuple[str, float]]:
    """Each piece, and how much of the whole it takes."""
    return [(str(one.state), round(one.width / 1000, 4)) for one in bar.segments]


def test_what_never_changed_is_one_piece(watched):
    day, week, month = past(watched, NOW).bars

    assert states(day) == [("up", 1.0)]
    assert (day.uptime, day.downs, day.down) == (1.0, 0, timedelta())
    # It is known for 90 hours: before, nothing is.
    assert [state for state, _ in states(week)] == ["new", "up"]
    assert (week.uptime, month.uptime) == (1.0, 1.0)
    assert past(watched, NOW).changes == []


def test_the_share_is_of_the_time_that_counts(watched):
    flip(watched, 12, "up", "paused")
    flip(watched, 6, "paused", "down")
    flip(watched, 3, "down", "grace")
    day = past(watched, NOW).bars[0]

    assert states(day) == [
        ("up", 0.5), ("paused", 0.25), ("down", 0.125), ("grace", 0.125),
    ]  # fmt: skip
    # Of 18 hours, as six of them it was paused; grace is not yet down.
    assert day.uptime == pytest.approx(15 / 18)
    assert (day.downs, day.down) == (1, 3 * HOUR)


def test_a_minute_down_is_seen_in_a_month(watched):
    flip(watched, 50, "up", "down")
    flip(watched, 50 - 1 / 60, "down", "up")

    for bar in past(watched, NOW).bars[1:]:
        down = [one for one in bar.segments if one.state == "down"]
        assert len(down) == 1
        assert down[0].width == pytest.approx(1000 / bar.window.cells, abs=0.01)
        assert down[0].since <= NOW - 50 * HOUR < down[0].until
        assert (down[0].y, down[0].height) == (0, HEIGHT)
        assert bar.downs == 1
    assert past(watched, NOW).bars[0].downs == 0


def test_what_is_down_all_the_time_was_up_never(watched):
    flip(watched, 80, "up", "down")

    day = past(watched, NOW).bars[0]
    assert (states(day), day.uptime, day.downs) == ([("down", 1.0)], 0.0, 1)


def test_of_what_is_new_nothing_can_be_said():
    check = Check.objects.create(slug="clock", kind="clock", name="Clock", since=NOW)

    for bar in past(check, NOW).bars:
        assert (states(bar), bar.uptime) == ([("new", 1.0)], None)


def test_each_change_is_told_with_how_long_it_lasted(watched):
    flip(watched, 31 * 24, "new", "up")
    flip(watched, 5, "up", "down")
    flip(watched, 3, "down", "up")
    told = past(watched, NOW).changes

    assert [(str(one.was), str(one.state), one.lasted) for one in told] == [
        ("down", "up", 3 * HOUR),
        ("up", "down", 2 * HOUR),
    ]


def test_the_pieces_fill_the_bar_without_a_gap(watched):
    for n in range(40):
        pair = ("up", "down") if n % 2 == 0 else ("down", "up")
        flip(watched, 700 - 17.3 * n, *pair)

    for window, bar in zip(WINDOWS, past(watched, NOW).bars, strict=True):
        ends = [one.x + one.width for one in bar.segments]
        starts = [one.x for one in bar.segments]
        assert starts[0] == 0
        assert ends[-1] == pytest.approx(1000)
        assert starts[1:] == pytest.approx(ends[:-1], abs=0.02)
        assert bar.until - bar.since == window.back
