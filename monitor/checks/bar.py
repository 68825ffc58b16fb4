"""How a check was over a day, a week and a month: as a bar, and how much of it well."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from monitor.models import Check

WIDTH = 1000
HEIGHT = 40
State = Check.State
# Of what happens within one cell the worst is shown: a minute down is seen in a month.
_WORST_LAST = (
    State.NEW,
    State.PAUSED,
    State.UP,
    State.STARTED,
    State.GRACE,
    State.DOWN,
)
# The worse, the higher: the bar is read without its colours too.
_HEIGHTS = {
    State.NEW: 4,
    State.PAUSED: 10,
    State.UP: 20,
    State.STARTED: 20,
    State.GRACE: 30,
    State.DOWN: HEIGHT,
}
# Neither well nor ill is what nobody expects anything of.
_COUNTED = (State.UP, State.STARTED, State.GRACE, State.DOWN)
_ROWS_SHOWN = 50
# When, what it was, what it became, and why.
Flipped = tuple[datetime, str, str, str]


class Window(NamedTuple):
    """How far back, and in cells of which length."""

    name: str
    back: timedelta
    cells: int


WINDOWS = (
    Window("day", timedelta(days=1), 96),
    Window("week", timedelta(days=7), 84),
    Window("month", timedelta(days=30), 90),
)


class Span(NamedTuple):
    """So it was from then until then."""

    state: State
    since: datetime
    until: datetime

    @property
    def took(self) -> timedelta:
        return self.until - self.since


class Segment(NamedTuple):
    """A piece of the bar."""

    state: State
    x: float
    y: int
    width: float
    height: int
    since: datetime
    until: datetime


class Bar(NamedTuple):
    """One window of a check's past."""

    window: Window
    since: datetime
    until: datetime
    segments: list[Segment]
    # Of the time that counts, 0 to 1; None where none does.
    uptime: float | None
    downs: int
    down: timedelta


class Change(NamedTuple):
    """One flip for the table: how it became, when, and for how long."""

    at: datetime
    was: State
    state: State
    summary: str
    lasted: timedelta


class Past(NamedTuple):
    """The bars of a check, and its last flips, newest first."""

    bars: list[Bar]
    changes: list[Change]


def past(check: Check, at: datetime) -> Past:
    """All windows, from one look at the flips."""
    rows = check.flips.filter(at__gt=at - WINDOWS[-1].back, at__lte=at)
    flips = list(rows.order_by("at", "pk").values_list("at", "was", "state", "summary"))
    bars = [
        _bar(window, spans(check, flips, at - window.back, at), at)
        for window in WINDOWS
    ]
    # Each lasted until the next one, and the last until now.
    ends = [*(flip[0] for flip in flips), at][1:]
    changes = [
        Change(begun, State(was), State(state), summary, end - begun)
        for (begun, was, state, summary), end in zip(flips, ends, strict=True)
    ]
    return Past(bars, changes[: -_ROWS_SHOWN - 1 : -1])


def spans(
    check: Check, flips: Sequence[Flipped], since: datetime, until: datetime
) -> list[Span]:
    """The states one after the other, without a gap."""
    marks = [(since, _at_first(check, flips, since))]
    marks += [(at, state) for at, _, state, _ in flips if at > since]
    # A row that was made without a flip begins with its state.
    if len(marks) == 1 and check.since > since:
        marks.append((check.since, check.state))
    ends = [at for at, _ in marks[1:]] + [until]
    return [
        Span(State(state), at, end)
        for (at, state), end in zip(marks, ends, strict=True)
        if end > at
    ]


def _at_first(check: Check, flips: Sequence[Flipped], since: datetime) -> str:
    later = next((was for at, was, _, _ in flips if at > since), None)
    if later is not None:
        return str(later)
    return check.state if check.since <= since else State.NEW


def _bar(window: Window, found: list[Span], at: datetime) -> Bar:
    counted = sum((s.took for s in found if s.state in _COUNTED), timedelta())
    downs = [span for span in found if span.state == State.DOWN]
    down = sum((span.took for span in downs), timedelta())
    return Bar(
        window,
        at - window.back,
        at,
        _segments(window, found, at),
        1 - down / counted if counted else None,
        len(downs),
        down,
    )


def _segments(window: Window, found: list[Span], at: datetime) -> list[Segment]:
    since, step = at - window.back, window.back / window.cells
    worst = [_WORST_LAST[0]] * window.cells
    for span in found:
        first = int((span.since - since) / step)
        # A span that ends where a cell begins does not reach into it.
        last = -int(-((span.until - since) / step) // 1)
        for n in range(first, min(last, window.cells)):
            worst[n] = max(worst[n], span.state, key=_WORST_LAST.index)
    pieces = []
    for state, group in groupby(enumerate(worst), key=lambda pair: pair[1]):
        cells = [n for n, _ in group]
        x, end = (WIDTH * n / window.cells for n in (cells[0], cells[-1] + 1))
        begun, ended = since + step * cells[0], since + step * (cells[-1] + 1)
        high = _HEIGHTS[state]
        y = HEIGHT - high
        pieces.append(
            Segment(state, round(x, 2), y, round(end - x, 2), high, begun, ended)
        )
    return pieces
