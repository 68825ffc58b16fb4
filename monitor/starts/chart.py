"""How long the last starts of a job took, as a drawing."""

from typing import NamedTuple

from monitor.models import Start
from monitor.starts.usual import MOST

# The drawing's own units; the page stretches it to its width.
WIDTH, HEIGHT = 1000, 100
# Fewer starts than this do not get broader bars.
_COLUMNS = 24
# What took no time is still to be seen.
_LEAST = 2
_ENDED = (Start.Outcome.SUCCEEDED, Start.Outcome.FAILED)


class Bar(NamedTuple):
    """One start, and where its bar stands."""

    start: Start
    x: float
    width: float
    height: float

    @property
    def y(self) -> float:
        return HEIGHT - self.height


class Chart(NamedTuple):
    """The starts from the oldest to the newest, and what the highest bar stands for."""

    bars: list[Bar]
    longest: float
    some_failed: bool


def chart(slug: str) -> Chart | None:
    """Those that did their work, or failed at it; of fewer than two there is none."""
    ended = Start.objects.filter(job=slug, outcome__in=_ENDED, duration__isnull=False)
    starts = list(ended.order_by("-at", "-pk")[:MOST])[::-1]
    if len(starts) < 2:
        return None
    # A clock that was put back makes no bar below the ground.
    times = [max(0.0, start.duration or 0.0) for start in starts]
    longest = max(times)
    column = WIDTH / max(len(starts), _COLUMNS)
    bars = [
        Bar(
            start,
            x=round(column * place, 1),
            width=round(column * 0.8, 1),
            height=max(_LEAST, round(HEIGHT * took / (longest or 1), 1)),
        )
        for place, (start, took) in enumerate(zip(starts, times, strict=True))
    ]
    failed = any(start.outcome == Start.Outcome.FAILED for start in starts)
    return Chart(bars, longest, failed)
