"""What of a batch could not be used, and why."""

from collections.abc import Mapping
from typing import Any

from ninja import Query, Router, Schema

from accounts.programs.needs import Needs
from accounts.programs.values import Key
from accounts.requests import Request
from showroom import rows
from showroom.api.reading import reading
from showroom.api.turning import Turn, no_cursor, turned
from showroom.views.find import batch_or_404, reject_or_404

router = Router()
_looks = Needs("showroom.view_batch")


class RejectOut(Schema):
    """A row or file that could not be used."""

    row: int
    file: str
    # None where it is the whole file.
    line: int | None
    name: str
    column: str
    value: str
    reason: str


class RejectsPage(Schema):
    """Some of them, and how many there are."""

    total: int
    previous: None
    next: str | None
    results: list[RejectOut]


@router.get("/{batch}/rejects", auth=_looks, response=RejectsPage)
@reading
def list_rejects(request: Request, batch: int, turn: Query[Turn]) -> Mapping[str, Any]:
    """All of them in the order of the input, to be read onwards."""
    found = batch_or_404(request, batch)
    size = turn.page_size
    listed = list(rows.rejects(found, size + 1, after=_place(turn)))
    page = [_told(one) for one in listed[:size]]
    more = str(page[-1]["row"]) if len(listed) > size else ""
    return {"total": found.n_rejected, **turned(request, page, previous="", next=more)}


@router.get("/{batch}/rejects/{row}", auth=_looks, response=RejectOut)
@reading
def get_reject(request: Request, batch: int, row: Key) -> Mapping[str, Any]:
    """One of them."""
    return _told(reject_or_404(batch_or_404(request, batch), row))


def _told(reject: rows.Row) -> dict[str, Any]:
    # Parts of an older site know no names.
    told = {name: reject.get(name) or "" for name in RejectOut.model_fields}
    return {**told, "row": reject["row"], "line": reject["line"]}


def _place(turn: Turn) -> int:
    key = turn.key()
    text = key.get("after", "") if key else "0"
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise no_cursor()
    return int(text)
