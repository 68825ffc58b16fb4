"""How long a job usually takes."""

from collections.abc import Iterable
from statistics import quantiles
from typing import NamedTuple

from monitor.models import Check, Start

# Its last runs; of fewer than the least nothing is usual.
MOST, LEAST = 50, 5


class Range(NamedTuple):
    """From and to, in seconds: all but the shortest and the longest runs."""

    low: float
    high: float


def usual(slug: str) -> Range | None:
    """The range of a job's last runs that ended well; it reads their rows."""
    well = Start.objects.filter(job=slug, outcome=Start.Outcome.SUCCEEDED)
    took = well.order_by("-at").values_list("duration", flat=True)[:MOST]
    durations = [seconds for seconds in took if seconds is not None]
    if len(durations) < LEAST:
        return None
    cuts = quantiles(durations, n=20, method="inclusive")
    return Range(cuts[0], cuts[-1])


def of_all(slugs: Iterable[str]) -> dict[str, Range | None]:
    """The ranges of many jobs as they were last judged, by one query."""
    names = {f"job-{slug}": slug for slug in slugs}
    found = Check.objects.filter(slug__in=names).values_list("slug", "detail")
    ranges = {names[check]: detail.get("usual") for check, detail in found}
    return {slug: Range(*pair) if pair else None for slug, pair in ranges.items()}
