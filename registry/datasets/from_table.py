"""Read a labelled table of a database into files of a build."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from monitor import room
from pulsar_ml.formats.table import Scratch
from pulsar_ml.loader import Source
from registry.connections import ask
from registry.datasets.beat import BuildBeat
from registry.datasets.disk import temporary
from registry.models import Build

# Where a build's order and a dataset's recipe tell of it.
TABLE = "table"
# What is told, of which the child that reads needs all but the connection.
TOLD = (
    "connection",
    "table",
    "select",
    "key",
    "mark",
    "columns",
    "keep",
    "label",
)
# All there are: nobody has as many.
_MOST = 10**9
_PAGE_ROWS = 65_536


class Pages(NamedTuple):
    """A table as files, and what is to be said of them."""

    sources: list[Source]
    notes: tuple[str, ...]


def read(build: Build, beat: BuildBeat) -> Pages:
    """Every row that is there now, in the order of its key."""
    told = build.order[TABLE]
    folder = build.folder / f"pages-{build.holder}"
    folder.mkdir()
    beat.say(f"Reading {title(told)} of {told['connection']}"[:500])
    order = {
        "verb": "read",
        "reading": {**{name: told[name] for name in TOLD[1:]}, "overlap": 0},
        "after": None,
        "seen": None,
        "into": str(folder),
        "most": _MOST,
        "page_rows": _PAGE_ROWS,
    }
    sources, done, n_rows = list[Source](), dict[str, Any](), 0
    for answer in ask.ask(told["connection"], order, beat=beat):
        done = answer.get("done") or done
        if "page" in answer:
            n_rows += answer["rows"]
            sources.append(_source(told, answer))
            beat(n_rows)
    return Pages(sources, _notes(told, done))


def title(told: Mapping[str, Any]) -> str:
    """What the table is called."""
    return str(told["table"] or "a query")


def _source(told: Mapping[str, Any], page: Mapping[str, Any]) -> Source:
    name = f"{title(told)}, keys {page['first']} to {page['last']}"
    scratch = Scratch(temporary(), room.check)
    return Source(Path(page["page"]), name[:255], scratch=scratch)


def _notes(told: Mapping[str, Any], done: Mapping[str, Any]) -> tuple[str, ...]:
    if n := done.get("n_without_mark"):
        by = told["mark"] or told["key"]
        rows = "1 row has" if n == 1 else f"{n:,} rows have"
        return (*done["notes"], f"{rows} no {by} and cannot be read.")
    return tuple(done.get("notes", ()))
