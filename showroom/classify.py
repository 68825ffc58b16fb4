"""Score a batch part by part; a bad row is counted and kept, not raised."""

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from monitor import claims, room
from monitor.events import record
from monitor.work import Cancelled, LeaseLost, State, Stopped
from pulsar_ml import loader
from pulsar_ml.errors import BadInput, PulsarError
from registry import serving
from registry.metrics import inference
from showroom import figures, parts, scores
from showroom.models import Batch
from showroom.shortlist import shortlist
from showroom.storage import leftovers
from showroom.storage.gone import why_gone

if TYPE_CHECKING:
    import pandas as pd

NOTHING_USABLE = "No row could be used; the rejects say why."


def classify(batch: Batch, beat: Callable[[], None] = lambda: None) -> None:
    """Work on a batch until it ends, unless another worker has it.

    Whoever has it classified is told of each part by `beat`, and may stop it there.
    """
    # A queued batch has a reason where it waited for room.
    waited = bool(batch.reason)
    if not claims.claim(batch):
        return
    try:
        _score_if_there_is_room(batch, beat, waited=waited)
    except LeaseLost:
        return  # whoever has it now brings it to its end
    except Cancelled as request:
        _end(batch, State.CANCELLED, "batch.cancelled", reason=str(request))
    except (PulsarError, OSError) as error:
        _end(batch, State.FAILED, "batch.failed", reason=_plainly(error))


def _score_if_there_is_room(
    batch: Batch, beat: Callable[[], None], *, waited: bool
) -> None:
    before = batch.chunks.count()
    try:
        _score(batch, beat, waited=waited)
    except OSError as error:
        if not room.is_lacking(error):
            raise
        came_further = batch.chunks.count() > before
        # Full by a measure that we do not have: to wait for more bytes has no end.
        in_vain = room.suffices() and not came_further
        if in_vain and batch.attempts >= settings.PULSAR.scheduler.max_attempts:
            raise
        # What woke in vain has been waiting all the time.
        _wait(batch, is_told=not waited or came_further, counts=in_vain)


def _wait(batch: Batch, *, is_told: bool, counts: bool) -> None:
    """Give the batch back until there is room, and what it took and did not list."""
    reason = f"{room.words(room.PART)} It goes on by itself when there is room."
    leftovers.remove(batch, worker=batch.holder)
    with transaction.atomic():
        claims.wait(batch, reason=reason, counts=counts)
        if is_told:
            record("batch.waiting", about=str(batch), who=batch.owner_id, reason=reason)


def _score(batch: Batch, beat: Callable[[], None], *, waited: bool) -> None:
    for file in batch.files.all():
        if reason := why_gone(file):
            raise BadInput(f"{file.name} {reason}. Upload it again.")
    served = serving.serve(batch.version)
    position, row = scores.resume_at(batch)
    scratch = parts.scratch()._replace(spend=_renewing(batch))
    sources = scores.sources(batch, scratch)
    with parts.writer(batch) as put:
        for chunk in loader.read(sources, start=position, first_row=row):
            scored = _scored(batch, served, chunk)
            scores.append(put, batch, chunk, scored)
            if waited:
                record("batch.resumed", about=str(batch), attempts=batch.attempts)
                waited = False
            beat()
    batch.refresh_from_db()
    nulls = figures.n_null(batch)
    if batch.n_scored == 0:
        end = partial(_end, batch, State.FAILED, "batch.failed", reason=NOTHING_USABLE)
    else:
        shortlist(batch)
        sha256 = scores.digest(batch)
        end = partial(_end, batch, State.SUCCESS, "batch.scored", sha256=sha256)
    with transaction.atomic():
        if end():
            figures.put(batch, nulls)


def _renewing(batch: Batch) -> Callable[[int], None]:
    """Keep the lease while an archive is unpacked, which may take longer than it."""
    every, last = settings.PULSAR.scheduler.lease_seconds / 4, time.monotonic()

    def spend(_: int) -> None:
        nonlocal last
        if time.monotonic() - last >= every:
            last = time.monotonic()
            # Said again by the next part, where no reader takes it for damage.
            with suppress(Stopped):
                claims.keep(batch)

    return spend


def _scored(
    batch: Batch, served: serving.Served, chunk: loader.Chunk
) -> "pd.DataFrame":
    with inference(served.version, source=batch.source, rows=len(chunk.frame)):
        return served.scorer.classify(chunk.frame)


def _end(
    batch: Batch, state: State, kind: str, *, reason: str = "", sha256: str = ""
) -> bool:
    with transaction.atomic():
        ended = claims.close(batch, state, reason=reason, sha256=sha256)
        if ended:
            record(
                kind,
                about=str(batch),
                who=batch.owner_id,
                rows=batch.n_rows,
                scored=batch.n_scored,
                pulsars=batch.n_pulsars,
                rejected=batch.n_rejected,
                reason=reason,
            )
    return ended


def _plainly(error: PulsarError | OSError) -> str:
    if isinstance(error, OSError):
        return f"The storage of the site refused: {error.strerror or error}."
    return str(error)
