"""How runs go: for the figures of the Monitor, and for machines."""

from typing import TYPE_CHECKING

from dispatch.models import Run, Schedule
from monitor.figures import declare, samples
from monitor.metrics.exposition import counter
from monitor.metrics.ours import gauge
from monitor.work import State
from showroom import figures as batches
from showroom.models import Batch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric


def declare_figures() -> None:
    """Name what `put` puts down."""
    page = "/dispatch/runs/"
    declare("run.rows_in", "Rows that a run read", "rows", 40, page=page)
    declare(
        "run.rows_out",
        "Rows that a run scored and passed on",
        "rows",
        41,
        words="Against the rows that it read, what is missing was rejected.",
        page=page,
    )
    declare("run.reject_share", "Rejected rows of a run", "share", 42, page=page)
    declare(
        "run.null_share",
        "Rows of a run that lack a value",
        "share",
        43,
        words="Rows rejected because a feature is missing, of all that it read.",
        page=page,
    )


def n_null(run: Run) -> int | None:
    """How many of its rows were rejected for want of a value, if that is known."""
    batch = Batch.objects.filter(dispatch_run=run.pk).first()
    return batches.n_null(batch) if batch else None


def put(run: Run, nulls: int | None) -> None:
    """Put down a run that has ended, in the transaction that ends it."""
    if not run.n_rows or run.finished_at is None:
        return
    figures = {
        "run.rows_in": run.n_rows,
        "run.rows_out": run.n_scored if run.state == State.SUCCESS else 0,
        "run.reject_share": run.n_rejected / run.n_rows,
    }
    if nulls is not None:
        figures["run.null_share"] = nulls / run.n_rows
    for name, value in figures.items():
        samples.put(name, value, at=run.finished_at, schedule=run.schedule.slug)


def collect() -> "Iterator[Metric]":
    """What machines read."""
    last = gauge(
        "dispatch_last_success_timestamp_seconds",
        "When its last run succeeded",
        ("dispatch",),
    )
    succeeded = Schedule.objects.live().order_by("slug")
    for schedule in succeeded:
        if schedule.succeeded_at:
            last.add_metric([schedule.slug], schedule.succeeded_at.timestamp())
    yield last
    yield counter("dispatch_runs", "Runs that have ended", ("dispatch", "state"))
    running = gauge("dispatch_running", "Runs at work")
    running.add_metric([], Run.objects.filter(state=State.RUNNING).count())
    yield running
