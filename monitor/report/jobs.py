"""What the clock started in a night, and what of it did not end well."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Max, Q
from django.urls import reverse

from monitor.models import Start
from monitor.report.night import Night
from monitor.report.sections import Cell, Row, Section, Table, count, few

SHOWN = 4
_HEAD = ("Job", "Starts", "Failed", "Longest")
_FAILED = Q(outcome=Start.Outcome.FAILED)


def jobs(night: Night) -> Section:
    """All starts counted; by name only the jobs of which one failed."""
    found = list(_by_job(night))
    starts, failed = (sum(row[of] for row in found) for of in ("starts", "failed"))
    failing = sorted(
        (row for row in found if row["failed"]), key=lambda row: -row["failed"]
    )
    shown, more = few([_row(row) for row in failing], SHOWN, "jobs")
    told = f"{count(failed, 'start')} of jobs failed" if failed else ""
    return Section(
        "Jobs",
        reverse("monitor:jobs"),
        told=told,
        facts=(("Jobs", len(found)), ("Starts", starts), ("Failed", failed)),
        table=Table(_HEAD, shown, frozenset(_HEAD[1:]), more) if shown else None,
        empty="No job was started." if not starts else "Every start ended well.",
    )


def _by_job(night: Night) -> Any:
    between = Start.objects.filter(at__gte=night.since, at__lt=night.until)
    return (
        between.order_by()
        .values("job")
        .annotate(
            starts=Count("pk"),
            failed=Count("pk", filter=_FAILED),
            longest=Max("duration"),
        )
    )


def _row(row: dict[str, Any]) -> Row:
    took = row["longest"]
    longest = None if took is None else timedelta(seconds=took)
    return (
        Cell(row["job"], reverse("monitor:job", args=[row["job"]])),
        Cell(row["starts"]),
        Cell(row["failed"], is_bad=True),
        Cell(longest),
    )
