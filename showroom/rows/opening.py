"""The parts of a batch, opened as one table."""

import errno
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
from django.conf import settings

from monitor import room
from pulsar_ml import parquet
from pulsar_ml.features import FEATURES
from showroom import parts
from showroom.models import Batch, Prediction

# What a part holds besides metadata. Cases of the current hour are in no part yet;
# they join with a part's types.
_TYPES = {
    "row": "bigint",
    "name": "varchar",
    **dict.fromkeys(FEATURES, "double"),
    "probability": "float",
    "predicted": "tinyint",
    "warnings": "varchar",
}
# Column by column: one statement for each of thousands would take seconds.
_ADD_CASES = (
    f"insert into scores_of_cases ({', '.join(_TYPES)}) "  # ours only
    f"select {', '.join(f'unnest(?::{kind}[])' for kind in _TYPES.values())}"
)


def metadata_columns(batch: Batch) -> list[str]:
    """What the batch's own columns are called in its parts."""
    return [f"meta_{place}" for place in range(len(batch.columns))]


@contextmanager
def scores(
    batch: Batch,
    numbers: Collection[int] | None = None,
    *,
    from_last: bool = False,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection in which `scores` is the whole batch as it is listed now.

    For rows of some numbers alone, the parts that hold none of them stay closed. For
    the last rows on top their parts are read first, and then most others not at all.
    """
    # Cases first: what is sealed after this line stands in a part as well, and the
    # ledger then says up to which row.
    cases = _cases(batch, numbers) if batch.day else []
    ledger = list(
        batch.chunks.order_by("number").values_list("first_row", "n_rows", "part")
    )
    sealed = ledger[-1][0] + ledger[-1][1] if ledger else 1
    files = [batch.folder / part for part in _needed(ledger, numbers)]
    if from_last:
        files.reverse()
    types = _TYPES | dict.fromkeys(metadata_columns(batch), "varchar")
    columns = ", ".join(f"{name} {kind}" for name, kind in types.items())
    with connection({batch: files}) as opened:
        opened.execute(f"create temp table scores_of_cases ({columns})")
        if waiting := [parts.values(case) for case in cases if case.row >= sealed]:
            columns_of = [list(column) for column in zip(*waiting, strict=True)]
            opened.execute(_ADD_CASES, columns_of)
        written = f"union all by name from {parquet.scan(files)}" if files else ""
        opened.execute(f"create temp view scores as from scores_of_cases {written}")
        yield opened


def _cases(batch: Batch, numbers: Collection[int] | None) -> list[Prediction]:
    cases = batch.predictions.all()
    return list(cases if numbers is None else cases.filter(row__in=list(numbers)))


@contextmanager
def connection(
    files: Mapping[Batch, Sequence[Path]],
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that may read these files of each batch, which are all there."""
    for batch, names in files.items():
        for file in names:
            if not file.exists():
                reason = f"{file.name} is missing among the stored scores of {batch}"
                raise FileNotFoundError(errno.ENOENT, reason)
    limits = settings.PULSAR.tables
    opening = parquet.connection(
        parts.temporary(),
        folders=[batch.folder for batch in files],
        memory=limits.memory,
        threads=limits.threads,
        spill=room.spare(),
    )
    with _damage_as_os_error(files), opening as opened:
        yield opened


@contextmanager
def _damage_as_os_error(batches: Iterable[Batch]) -> Iterator[None]:
    """Say of a part that was changed on the disk that it is damaged."""
    try:
        yield
    except duckdb.Error as error:
        # These two DuckDB's reader of Parquet has; a mistake in a query is of others.
        if type(error) not in {duckdb.Error, duckdb.InvalidInputException}:
            raise
        whose = " or ".join(map(str, batches))
        reason = f"a part of the stored scores of {whose} is damaged"
        raise OSError(errno.EIO, reason) from error


def _needed(
    ledger: Sequence[tuple[int, int, str]], numbers: Collection[int] | None
) -> list[str]:
    written = [line for line in ledger if line[2]]
    if numbers is None:
        return [part for _, _, part in written]
    wanted = sorted(numbers)
    return [
        part
        for first, n_rows, part in written
        if bisect_left(wanted, first) < bisect_left(wanted, first + n_rows)
    ]
