"""What a batch's end leaves in the figures of the Monitor."""

import logging

from django.utils.timezone import now

from monitor.figures import declare, samples
from pulsar_ml.preprocessor import MISSING
from showroom.models import Batch

logger = logging.getLogger(__name__)


def declare_figures() -> None:
    """Name them."""
    declare("batch.rows", "Rows of a batch", "rows", 30, page="/showroom/")
    declare(
        "batch.reject_share",
        "Rejected rows of a batch",
        "share",
        31,
        words="Rows that could not be used, of all rows of a batch.",
        page="/showroom/",
    )
    declare(
        "batch.null_share",
        "Rows of a batch that lack a value",
        "share",
        32,
        words="Rows rejected because a feature is missing, of all rows of a batch.",
        page="/showroom/",
    )


def n_null(batch: Batch) -> int | None:
    """How many rows were rejected for want of a value; None if nobody can tell."""
    from pulsar_ml import parquet  # noqa: PLC0415  # DuckDB is slow
    from showroom.rows.opening import connection  # noqa: PLC0415

    chunks = batch.chunks.exclude(rejects="")
    files = [batch.folder / name for name in chunks.values_list("rejects", flat=True)]
    if not files:
        return 0
    try:
        with connection({batch: files}) as opened:
            asked = f"select count(*) from {parquet.scan(files)} where reason = ?"  # noqa: S608
            (n,) = opened.execute(asked, [MISSING]).fetchall()[0]
    except OSError:
        # It is scored all the same: its rejects' own page says what is wrong.
        logger.exception("The rejects of %s cannot be counted", batch)
        return None
    return int(n)


def put(batch: Batch, nulls: int | None) -> None:
    """Put down a batch that was read to its end, in the transaction that ends it."""
    at = now()
    labels = {"source": batch.source}
    samples.put("batch.rows", batch.n_rows, at=at, **labels)
    if not batch.n_rows:
        return
    share = batch.n_rejected / batch.n_rows
    samples.put("batch.reject_share", share, at=at, **labels)
    if nulls is not None:
        samples.put("batch.null_share", nulls / batch.n_rows, at=at, **labels)
