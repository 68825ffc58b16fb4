"""Why rows could not be used, over several batches."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pulsar_ml import parquet
from showroom.models import Batch, Chunk
from showroom.rows.opening import connection

_BY_REASON = """
    select "column", reason, count(*) as n from {scan}
    group by all order by n desc, "column", reason limit {most}
"""


class Reason(NamedTuple):
    """One reason, the column it is about, and how many rows it holds back."""

    column: str
    words: str
    n: int


def reasons(batches: Sequence[Batch], most: int, files: int) -> list[Reason]:
    """The commonest reasons, over so many files of rejects and no more."""
    listed = _files(batches, files)
    if not listed:
        return []
    every = [file for some in listed.values() for file in some]
    with connection(listed) as opened:
        asked = _BY_REASON.format(scan=parquet.scan(every), most=most)
        return [Reason(*row) for row in opened.execute(asked).fetchall()]


def _files(batches: Sequence[Batch], most: int) -> dict[Batch, list[Path]]:
    """The first of each batch before the second of any."""
    of = {batch.pk: batch for batch in batches}
    chunks = Chunk.objects.filter(batch__in=of).exclude(rejects="")
    first = chunks.order_by("number", "batch").values_list("batch", "rejects")[:most]
    found: dict[Batch, list[Path]] = defaultdict(list)
    for number, name in first:
        found[of[number]].append(of[number].folder / name)
    return found
