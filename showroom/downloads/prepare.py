"""Prepare a download: a worker writes its file, or is stopped."""

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from django.db import OperationalError
from django.utils.timezone import now

from monitor import claims, room
from monitor.work import Cancelled, LeaseLost, State, Stopped
from pulsar_ml.errors import PulsarError
from pulsar_ml.writers.sheet import Query
from pulsar_ml.writers.write import by_name
from showroom import rows
from showroom.downloads.download import wanted
from showroom.downloads.export import export
from showroom.errors import ShowroomError
from showroom.models import Batch, Download

_BEAT_SECONDS = 1.0


@dataclass
class _Course:
    """How far the file is; shared by who writes it and who watches."""

    done: int = 0
    of: int = 0
    stopped: bool = False

    def seen(self, done: int, of: int) -> None:
        self.done, self.of = done, of
        if self.stopped:
            raise Stopped("There is no use in going on.")
        room.check()


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


def cancel(download: Download) -> None:
    """Ask for the end: at once if it waits, else at its worker's next beat."""
    asked = Download.objects.under_way().filter(pk=download.pk)
    asked.update(cancel_requested=True)
    asked.exclude(state=State.RUNNING).update(
        state=State.CANCELLED, reason="Cancelled on request.", finished_at=now()
    )


def _write(download: Download) -> tuple[int, str]:
    """Have it written, and give signs of life whatever takes long.

    A sort of millions of rows outlasts a lease, and DuckDB says nothing meanwhile.
    """
    room.check()
    # With all that is needed of it: the other thread may not ask the database.
    batches = Batch.objects.select_related("version__model")
    download.batch = batches.get(pk=download.batch_id)
    download.folder.mkdir(parents=True, exist_ok=True)
    for half in download.folder.iterdir():
        half.unlink()  # of a worker that died
    course = _Course(of=download.n_rows)
    with (
        rows.query(download.batch, wanted(download.batch, download.wanted)) as query,
        ThreadPoolExecutor(1) as pool,
    ):
        work = pool.submit(_file, download, query, course)
        try:
            while not work.done():
                room.check()
                _beat(download, course)
                wait([work], timeout=_BEAT_SECONDS)
        finally:
            _stop(work, query, course)
        download.n_rows = course.of
        return work.result()


def _beat(download: Download, course: _Course) -> None:
    try:
        claims.keep(download, n_written=course.done, n_rows=course.of)
    except OperationalError:
        # A database that is locked for a moment costs a beat, not all that is written.
        if download.lease_until is None or now() >= download.lease_until:
            raise


def _stop(work: Future[tuple[int, str]], query: Query, course: _Course) -> None:
    """Whatever ended the watch, leave nobody behind who writes on."""
    course.stopped = True
    while not work.done():
        # Again and again, as it may be just between two queries.
        query.connection.interrupt()
        wait([work], timeout=_BEAT_SECONDS)


def _file(download: Download, query: Query, course: _Course) -> tuple[int, str]:
    """Write it and take its measure, in the other thread."""
    kind = by_name(download.format)
    if kind is None:
        raise ShowroomError(f"There is no format {download.format}.")
    export(
        download.batch,
        query,
        download.path,
        kind,
        selection=download.wanted,
        # The first attempt's time: every attempt writes the same bytes.
        at=download.started_at or now(),
        seen=course.seen,
    )
    with download.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return download.path.stat().st_size, digest


def _plainly(error: Exception) -> str:
    if isinstance(error, OSError) and room.is_lacking(error):
        return f"{room.words()} Ask again when there is room."
    if isinstance(error, OSError):
        return f"The storage of the site refused: {error.strerror or error}."
    return str(error)
