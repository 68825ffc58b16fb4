"""Score a batch part by part; a bad row is counted and kept, not raised."""

from django.db import transaction

from monitor import claims, room
from monitor.events import record
from monitor.work import Cancelled, LeaseLost, State
from pulsar_ml import loader
from pulsar_ml.errors import BadInput, PulsarError
from registry import serving
from showroom import parts, scores
from showroom.models import Batch
from showroom.shortlist import shortlist
from showroom.storage import leftovers
from showroom.storage.gone import why_gone


def classify(batch: Batch) -> None:
    """Work on a batch until it ends, unless another worker has it."""
    if not claims.claim(batch):
        return
    try:
        _score_if_there_is_room(batch)
    except LeaseLost:
        return  # whoever has it now brings it to its end
    except Cancelled as request:
        _end(batch, State.CANCELLED, "batch.cancelled", reason=str(request))
    except (PulsarError, OSError) as error:
        _end(batch, State.FAILED, "batch.failed", reason=_plainly(error))


def _score_if_there_is_room(batch: Batch) -> None:
    try:
        _score(batch)
    except OSError as error:
        if not room.is_lacking(error):
            raise
        _wait(batch, room.words())


def _wait(batch: Batch, lacking: str) -> None:
    """Give the batch back until there is room, and what it took and did not list."""
    reason = f"{lacking} It goes on by itself when there is room."
    leftovers.remove(batch, worker=batch.holder)
    with transaction.atomic():
        claims.wait(batch, reason=reason)
        record("batch.waiting", about=str(batch), who=batch.owner_id, reason=reason)


def _score(batch: Batch) -> None:
    for file in batch.files.exclude(removed_at=None):
        if reason := why_gone(file):
            raise BadInput(f"{file.name} {reason}. Upload it again.")
    served = serving.serve(batch.version)
    position, row = scores.resume_at(batch)
    with parts.writer(batch) as put:
        for chunk in loader.read(scores.sources(batch), start=position, first_row=row):
            scores.append(put, batch, chunk, served.scorer.classify(chunk.frame))
    batch.refresh_from_db()
    if batch.n_scored == 0:
        reason = "No row could be used; the rejects say why."
        _end(batch, State.FAILED, "batch.failed", reason=reason)
    else:
        shortlist(batch)
        _end(batch, State.SUCCESS, "batch.scored", sha256=scores.digest(batch))


def _end(
    batch: Batch, state: State, kind: str, *, reason: str = "", sha256: str = ""
) -> None:
    with transaction.atomic():
        if claims.close(batch, state, reason=reason, sha256=sha256):
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


def _plainly(error: PulsarError | OSError) -> str:
    if isinstance(error, OSError):
        return f"The storage of the site refused: {error.strerror or error}."
    return str(error)
