"""The ledger of a batch's scores: which parts there are, and where to go on."""

import hashlib
from typing import TYPE_CHECKING

import numpy as np
from django.db import transaction
from django.db.models import F

from monitor import claims
from pulsar_ml import loader, parquet
from pulsar_ml.formats.table import Scratch
from showroom import parts
from showroom.models import BINS, Batch, Chunk

if TYPE_CHECKING:
    import pandas as pd

# A batch of thousands of files says of the first ones how they were read.
MAX_NOTES = 200


def sources(batch: Batch, scratch: Scratch | None = None) -> list[loader.Source]:
    """What the reader is to read, in the order in which it was uploaded."""
    files, scratch = batch.files.order_by("position"), scratch or parts.scratch()
    return [loader.Source(file.path, file.name, scratch=scratch) for file in files]


def resume_at(batch: Batch) -> tuple[loader.Position, int]:
    """Where the first part not written begins: its place, and its first row."""
    last = batch.chunks.order_by("number").last()
    if last is None:
        return loader.Position(), 1
    return loader.Position(last.end_file, last.end_row), last.first_row + last.n_rows


def append(
    put: parquet.Put, batch: Batch, chunk: loader.Chunk, scored: "pd.DataFrame"
) -> None:
    """Write a part and its rejects, then the ledger; a crash between loses nothing."""
    number = batch.chunks.count()
    columns = parts.metadata(batch, scored)
    part, sha256 = parts.write_scores(
        put, batch, number, scored, columns, worker=batch.holder
    )
    rejects = parts.write_rejects(
        put, batch, number, chunk.rejects, worker=batch.holder
    )
    line = Chunk(
        batch=batch,
        number=number,
        first_row=chunk.first_row,
        n_rows=chunk.n_rows,
        n_scored=len(scored),
        n_pulsars=int(scored["predicted"].sum()),
        histogram=histogram(scored["probability"].to_numpy()),
        part=part,
        sha256=sha256,
        rejects=rejects,
        n_bytes=parts.size(batch, part, rejects),
        end_file=chunk.end.file,
        end_row=chunk.end.row,
    )
    batch.columns = columns
    batch.notes = [*batch.notes, *chunk.notes][:MAX_NOTES]
    with transaction.atomic():
        claims.keep(
            batch,
            n_rows=F("n_rows") + line.n_rows,
            n_scored=F("n_scored") + line.n_scored,
            n_pulsars=F("n_pulsars") + line.n_pulsars,
            n_rejected=F("n_rejected") + len(chunk.rejects),
            bytes_read=chunk.bytes_read,
            columns=batch.columns,
            notes=batch.notes,
        )
        line.save()


def histogram(probabilities: "np.ndarray") -> list[int]:
    """Counts of scores in equal bins from 0 to 1."""
    counts, _ = np.histogram(probabilities, bins=BINS, range=(0, 1))
    return [int(count) for count in counts]


def digest(batch: Batch) -> str:
    """One hash over the parts' hashes, in their order."""
    hashes = batch.chunks.order_by("number").values_list("sha256", flat=True)
    return hashlib.sha256("".join(hashes).encode()).hexdigest()
