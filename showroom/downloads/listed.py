"""What was prepared of a batch, in words."""

from itertools import islice
from typing import NamedTuple

from django.http import QueryDict

from accounts.models import User
from monitor.work import State
from showroom import rows
from showroom.chips import chips
from showroom.downloads.download import is_there, may_see
from showroom.models import Batch, Download

_SHOWN = 10
_STATES = {
    State.QUEUED: "waiting",
    State.RUNNING: "being written",
    State.SUCCESS: "no longer kept",
}


class Listed(NamedTuple):
    """A download as a page lists it: which rows it has, and how far it is."""

    download: Download
    words: str
    state: str


def newest(batch: Batch, *, to: User) -> list[Listed]:
    """The last that were asked for, as far as this person may see them."""
    every = batch.downloads.order_by("-pk").iterator(chunk_size=_SHOWN)
    found = islice((one for one in every if may_see(to, one)), _SHOWN)
    return [Listed(download, words(download), _state(download)) for download in found]


def words(found: Download) -> str:
    """Which rows these are, and in which order."""
    asked = QueryDict(found.wanted)
    filters = [chip.words for chip in chips(asked)] or ["all"]
    sort = asked.get("sort") or "-probability"
    name = sort.removeprefix("-")
    headings = dict(
        zip(rows.metadata_columns(found.batch), found.batch.columns, strict=True)
    )
    way = "falling" if sort.startswith("-") else "rising"
    return f"{', '.join(filters)}; by {headings.get(name, name)}, {way}"


def _state(found: Download) -> str:
    if is_there(found):
        return "ready"
    state = State(found.state)
    return _STATES.get(state, state.label.lower())
