"""Turn the hour's single cases into scores, under the same numbers."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.utils.timezone import now

from monitor import leases
from monitor.events import record
from monitor.work import State
from pulsar_ml.loader import CHUNK_ROWS
from showroom import parts, scores
from showroom.models import Batch, Chunk
from showroom.shortlist import shortlist

# A case that was asked for just before midnight is surely written by then.
_GRACE = timedelta(hours=1)


def seal(at: datetime | None = None) -> int:
    """Seal every open day's cases, end the days that are over; returns the cases."""
    at = at or now()
    with leases.hold("seal_cases", 300) as held:
        if not held:
            return 0
        days = Batch.objects.filter(source=Batch.Source.CASES, state=State.RUNNING)
        return sum(_seal_day(batch, at) for batch in days)


def _seal_day(batch: Batch, at: datetime) -> int:
    sealed = 0
    while count := _seal_chunk(batch):
        sealed += count
    if batch.day and (at - _GRACE).date() > batch.day:
        shortlist(batch)
        _end(batch, at)
    return sealed


def _seal_chunk(batch: Batch) -> int:
    import pandas as pd  # slow, and only this needs it

    cases = list(batch.predictions.order_by("row")[:CHUNK_ROWS])
    if not cases:
        return 0
    frame = pd.DataFrame(map(parts.values, cases), columns=parts.SCORED)
    frame = frame.astype({"probability": "float32", "predicted": "int8"})
    number = batch.chunks.count()
    with parts.writer(batch) as put:
        part, sha256 = parts.write_scores(put, batch, number, frame, worker=uuid4().hex)
    with transaction.atomic():
        Chunk.objects.create(
            batch=batch,
            number=number,
            first_row=cases[0].row,
            n_rows=len(cases),
            n_scored=len(cases),
            n_pulsars=sum(case.predicted for case in cases),
            histogram=scores.histogram(frame["probability"].to_numpy()),
            part=part,
            sha256=sha256,
            n_bytes=parts.size(batch, part),
        )
        batch.predictions.filter(row__lte=cases[-1].row).delete()
    return len(cases)


def _end(batch: Batch, at: datetime) -> None:
    with transaction.atomic():
        ended = Batch.objects.filter(pk=batch.pk, state=State.RUNNING).update(
            state=State.SUCCESS, finished_at=at, sha256=scores.digest(batch)
        )
        if ended:
            batch.refresh_from_db()
            record(
                "batch.scored",
                about=str(batch),
                rows=batch.n_rows,
                scored=batch.n_scored,
                pulsars=batch.n_pulsars,
                rejected=0,
            )
