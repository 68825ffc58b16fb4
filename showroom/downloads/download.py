"""A batch's rows as a file that other programs read."""

import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlencode

from django.conf import settings
from django.http import QueryDict
from django.utils.timezone import now

from accounts.models import User
from monitor import logs, room
from monitor.send import send
from monitor.work import Queue, State
from pulsar_ml import safe_csv
from pulsar_ml.loader import Reject
from pulsar_ml.writers.format import Format
from pulsar_ml.writers.sheet import Query
from showroom import parts, rows
from showroom.downloads.export import export, file_name
from showroom.errors import ShowroomError
from showroom.forms import PERSONAL, RowsForm
from showroom.models import Batch, Download

# Where a page begins is no matter of which rows there are.
_PLACES = {"after", "before"}
# So many may wait, or be written, for one person at a time.
MOST = 20


def download(
    batch: Batch, given: QueryDict, kind: Format, *, by: User
) -> BinaryIO | Download:
    """The file at once where its rows are few; else what a worker is to prepare."""
    asked = _query(given)
    with rows.query(batch, wanted(batch, asked, by)) as query:
        n_rows = query.n_rows()
        if n_rows <= settings.PULSAR.showroom.download_rows:
            return _at_once(batch, query, kind, asked)
    if same := _same(batch, asked, kind, n_rows, by):
        return same
    return _queued(batch, asked, kind, n_rows, by)


def wanted(batch: Batch, asked: str, by: User | None) -> dict[str, Any]:
    """Which rows the query of an address asks for, when this person asks."""
    form = RowsForm(QueryDict(asked), batch=batch, user=by)
    if not form.is_valid():
        raise ShowroomError("These rows are asked for in an unknown way.")
    return form.cleaned_data


def may_see(user: User, found: Download) -> bool:
    """Whoever sees the batch may; what depends on verdicts is for who asked alone."""
    return found.by_id == user.pk or not is_personal(found.wanted)


def is_personal(asked: str) -> bool:
    """Whether another person who asked for this would get something else."""
    query = QueryDict(asked)
    return any(query.get(name) for name in PERSONAL)


def is_there(found: Download) -> bool:
    """Whether the file can be fetched: it is prepared, and still kept."""
    return found.state == State.SUCCESS and found.path.is_file()


def rejects_csv(batch: Batch) -> Iterator[str]:
    """What could not be used, and why."""
    yield _lines([Reject._fields])
    for reject in rows.rejects(batch):
        # Parts of an older site know no names.
        yield _lines([[reject.get(column, "") for column in Reject._fields]])


def _query(given: QueryDict) -> str:
    """The same rows always as the same text."""
    return urlencode(
        [
            (name, value)
            for name in RowsForm.base_fields
            for value in given.getlist(name)
            if value and name not in _PLACES
        ]
    )


def _at_once(batch: Batch, query: Query, kind: Format, asked: str) -> BinaryIO:
    room.check()
    with tempfile.TemporaryDirectory(dir=parts.temporary()) as folder:
        path = Path(folder, file_name(batch, kind, QueryDict(asked)))
        export(
            batch,
            query,
            path,
            kind,
            selection=asked,
            at=now(),
            seen=lambda done, of: None,
        )
        # Its name goes at once, and its bytes when whoever reads it is done.
        return path.open("rb")


def _same(
    batch: Batch, asked: str, kind: Format, n_rows: int, by: User
) -> Download | None:
    """What was prepared for the same wish, or is being prepared."""
    prepared = Download.objects.filter(
        batch=batch,
        wanted=asked,
        format=kind.name,
        n_rows=n_rows,
        cancel_requested=False,
    )
    if is_personal(asked):
        # Of one that is there other verdicts may have been given since.
        prepared = prepared.under_way().filter(by=by)
    for found in prepared.order_by("-pk"):
        # A database may take two letters for the same.
        if found.wanted == asked and (found.is_under_way or is_there(found)):
            return found
    return None


def _queued(batch: Batch, asked: str, kind: Format, n_rows: int, by: User) -> Download:
    if Download.objects.under_way().filter(by=by).count() >= MOST:
        raise ShowroomError(
            f"{MOST} downloads of yours are not ready yet: wait, or cancel some."
        )
    queued = Download.objects.create(
        batch=batch,
        by=by,
        format=kind.name,
        wanted=asked,
        n_rows=n_rows,
        name=file_name(batch, kind, QueryDict(asked)),
        queue=Queue.HEAVY,
        request_id=logs.request_id.get(),
    )
    send(queued)
    return queued


def _lines(records: Iterable[Sequence[object]]) -> str:
    text = io.StringIO(newline="")
    safe_csv.write(text, records)
    return text.getvalue()
