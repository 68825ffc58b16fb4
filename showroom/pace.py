"""How quickly a batch is being scored, and how long that may still take."""

from typing import NamedTuple

from showroom.models import Batch

# So many of the last parts tell it; older ones may be of another time of day.
_PARTS = 20


class Pace(NamedTuple):
    """As its present worker keeps it up."""

    rows_per_second: int
    seconds_left: int


def pace(batch: Batch) -> Pace | None:
    """Nobody can tell before the worker has written two parts."""
    ledger = batch.chunks.order_by("-number")[:_PARTS]
    # What another worker wrote before says nothing: a wait may lie between.
    name = f"-{batch.holder[:8]}."
    ours = [line for line in ledger if name in line.part or name in line.rejects]
    if len(ours) < 2 or not batch.bytes_read:
        return None
    newest, oldest = ours[0], ours[-1]
    seconds = (newest.written_at - oldest.written_at).total_seconds()
    rows = sum(line.n_rows for line in ours[:-1])
    if not seconds:
        return None
    unread = batch.bytes_total - batch.bytes_read
    rows_left = batch.n_rows * unread / batch.bytes_read
    return Pace(round(rows / seconds), round(rows_left * seconds / rows))
