"""Prepare a download: a worker writes its file, or is stopped."""

import hashlib
from functools import partial

from django.db import OperationalError
from django.utils.timezone import now

from accounts.models import User
from monitor import claims, room
from monitor.work import Cancelled, LeaseLost, State
from pulsar_ml.errors import PulsarError
from pulsar_ml.writers.sheet import Query
from pulsar_ml.writers.write import by_name
from showroom import rows
from showroom.downloads.download import wanted
from showroom.downloads.export import export
from showroom.downloads.watched import Seen, watched
from showroom.errors import ShowroomError
from showroom.models import Batch, Download


def prepare(download: Download) -> None:
    """Write the file of a download, unless another worker has it; always anew."""
    if not claims.claim(download):
        return
    try:
        size, sha256 = _write(download)
    except LeaseLost:
        return  # whoever has it now brings it to its end
    except Cancelled as request:
        claims.close(download, State.CANCELLED, reason=str(request))
    except (PulsarError, ShowroomError, OSError) as error:
        claims.close(download, State.FAILED, reason=_plainly(error))
    else:
        claims.close(
            download,
            State.SUCCESS,
            size=size,
            sha256=sha256,
            n_written=download.n_rows,
        )


def may_cancel(user: User, download: Download) -> bool:
    """Who asked for it may, the batch's owner, and who may change every batch."""
    mine = user.pk in {download.by_id, download.batch.owner_id}
    return mine or user.has_perm("showroom.change_batch")


def cancel(download: Download) -> None:
    """Ask for the end: at once if it waits, else at its worker's next beat."""
    asked = Download.objects.under_way().filter(pk=download.pk)
    asked.update(cancel_requested=True)
    asked.exclude(state=State.RUNNING).update(
        state=State.CANCELLED, reason="Cancelled on request.", finished_at=now()
    )


def _write(download: Download) -> tuple[int, str]:
    """Have it written, by another thread."""
    room.check()
    # With all that is needed of it: that thread may not ask the database.
    batches = Batch.objects.select_related("version__model")
    download.batch = batches.get(pk=download.batch_id)
    download.folder.mkdir(parents=True, exist_ok=True)
    for half in download.folder.iterdir():
        half.unlink()  # of a worker that died
    asked = wanted(download.batch, download.wanted, download.by)
    with rows.query(download.batch, asked) as query:
        write, beat = partial(_file, download, query), partial(_beat, download)
        download.n_rows, size, sha256 = watched(query, write, beat)
    return size, sha256


def _beat(download: Download, done: int, of: int) -> None:
    # Until it is counted once more, what was counted when it was asked for.
    download.n_rows = of or download.n_rows
    try:
        claims.keep(download, n_written=done, n_rows=download.n_rows)
    except OperationalError:
        # A database that is locked for a moment costs a beat, not all that is written.
        if download.lease_until is None or now() >= download.lease_until:
            raise


def _file(download: Download, query: Query, seen: Seen) -> tuple[int, int, str]:
    """Write it and take its measure: rows, bytes and hash."""
    kind = by_name(download.format)
    if kind is None:
        raise ShowroomError(f"There is no format {download.format}.")
    n_rows = export(
        download.batch,
        query,
        download.path,
        kind,
        selection=download.wanted,
        # The first attempt's time: every attempt writes the same bytes.
        at=download.started_at or now(),
        seen=seen,
    )
    with download.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return n_rows, download.path.stat().st_size, digest


def _plainly(error: Exception) -> str:
    if isinstance(error, OSError) and room.is_lacking(error):
        return f"{room.words()} Ask again when there is room."
    if isinstance(error, OSError):
        return f"The storage of the site refused: {error.strerror or error}."
    return str(error)
