"""The batch of a run: what it has taken in, listed under the schedule's name."""

from collections.abc import Sequence

from dispatch.models import Run
from monitor.work import Queue
from showroom import gather
from showroom.models import Batch
from showroom.receive import Stored


def batch(files: Sequence[Stored], run: Run) -> Batch:
    """Make the batch; within a transaction that fixes it as what the run reads."""
    assert run.version  # noqa: S101  # it is fixed before anything is read
    schedule = run.schedule
    asked_at = run.slot.at if run.slot else run.created_at
    return gather.gather(
        files,
        title=f"{schedule.name}, {asked_at:%Y-%m-%d %H:%M} UTC",
        owner=schedule.owner,
        version=run.version,
        source=Batch.Source.DISPATCH,
        run=run.pk,
        queue=Queue.HEAVY,
    )
