"""How long the last runs of a schedule took and how much they read, as drawings."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.timezone import now

from dispatch.models import Run, Schedule
from monitor.work import State

RUNS = 60
# The drawings' own units; the page stretches them to its width.
WIDTH, HEIGHT = 1000, 100
# Fewer runs than this do not get broader bars.
_COLUMNS = 24
# What took no time, or failed before its first row, is still to be seen.
_LEAST = 2


class Bar(NamedTuple):
    """One run: its column, and its bar in each of the two drawings."""

    run: Run
    took: timedelta
    x: float
    width: float
    took_height: float
    rows_height: float

    @property
    def took_y(self) -> float:
        return HEIGHT - self.took_height

    @property
    def rows_y(self) -> float:
        return HEIGHT - self.rows_height


class Chart(NamedTuple):
    """The runs from the oldest to the newest, and what the highest bars stand for."""

    bars: list[Bar]
    longest: timedelta
    most: int
    # Those that occur, for the legend: value and label.
    states: dict[str, str]


def chart(schedule: Schedule, at: datetime | None = None) -> Chart:
    """The last runs that began; what is still at work has taken until now."""
    at = at or now()
    begun = schedule.runs.filter(started_at__isnull=False)
    runs = list(begun.order_by("-created_at", "-pk")[:RUNS])[::-1]
    times = [_took(run, at) for run in runs]
    longest = max(times, default=timedelta())
    most = max((run.n_rows for run in runs), default=0)
    column = WIDTH / max(len(runs), _COLUMNS)
    bars = [
        Bar(
            run=run,
            took=took,
            x=round(column * place, 1),
            width=round(column * 0.8, 1),
            took_height=max(_LEAST, _height(took / longest if longest else 0)),
            rows_height=_height(run.n_rows / most if most else 0),
        )
        for place, (run, took) in enumerate(zip(runs, times, strict=True))
    ]
    shown = {run.state for run in runs}
    states = {state.value: state.label.lower() for state in State if state in shown}
    return Chart(bars, longest, most, states)


def _took(run: Run, at: datetime) -> timedelta:
    begun = run.started_at or at
    # A clock that was put back makes no bar below the ground.
    return max(timedelta(), (run.finished_at or at) - begun)


def _height(share: float) -> float:
    return round(HEIGHT * share, 1)
