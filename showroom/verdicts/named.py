"""A batch's rows as CandyJar names them: by picture, beam and time."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from pulsar_ml.formats.candyjar import MARK, PATH
from pulsar_ml.formats.listing import SUFFIX
from showroom import rows
from showroom.models import Batch

# Rows of one name: that they are many is all that must be known.
MOST_ALIKE = 100
_BLOCK = 2_000
BEAMS = ("beamid", "beam_id", "beam_name")
UTCS = ("utc", MARK)


class Named(NamedTuple):
    """A row of a batch, and what tells it from rows of the same name."""

    row: int
    path: str
    beams: frozenset[str]
    utc: str


def columns(batch: Batch) -> dict[str, str]:
    """What the batch's columns are called in its parts, by name in small letters."""
    keys = rows.metadata_columns(batch)
    known: dict[str, str] = {}
    for name, key in zip(batch.columns, keys, strict=True):
        known.setdefault(name.strip().casefold(), key)
    return known


def path(known: Mapping[str, str]) -> str:
    """The candidate's picture, as SQL; without one its own name."""
    return f"coalesce(nullif({known[PATH]}, ''), name)" if PATH in known else "name"


def named(batch: Batch, stems: Collection[str]) -> dict[str, list[Named]]:
    """The rows of these names, without folders and suffixes; of each name some."""
    known = columns(batch)
    beams = [known[name] for name in BEAMS if name in known]
    utcs = [known[name] for name in UTCS if name in known][:1]
    found: dict[str, list[Named]] = {}
    for row in _rows(batch, path(known), [*beams, *utcs], stems):
        beam = frozenset(said(row[key]) for key in beams) - {""}
        utc = said(row[utcs[0]]) if utcs else ""
        some = found.setdefault(row["stem"], [])
        if len(some) < MOST_ALIKE:
            some.append(Named(row["row"], row["path"], beam, when(utc)))
    return found


def said(text: str | None) -> str:
    """As a file has it, or empty."""
    return (text or "").strip()


def when(utc: str) -> str:
    """A time by its digits, as tools write it with other marks between, to seconds."""
    return re.sub(r"\D", "", utc)[:14]


def _rows(
    batch: Batch, path: str, columns: list[str], stems: Collection[str]
) -> Iterator[dict[str, Any]]:
    # The same as `listing.stem`, where the rows are.
    own = "regexp_extract(trim(path), '[^/\\\\!]+$')"
    stem = f"coalesce(nullif(regexp_replace({own}, ?, ''), ''), {own})"
    listed = ", ".join(["row", f"{path} as path", *columns])
    asked = (
        f"select *, {stem} as stem from (select {listed} from scores) "  # noqa: S608
        "where stem in (select unnest(?)) order by row"
    )
    with rows.scores(batch) as connection:
        cursor = connection.execute(asked, [SUFFIX, list(stems)])
        names = [column[0] for column in cursor.description or ()]
        while block := cursor.fetchmany(_BLOCK):
            yield from (dict(zip(names, values, strict=True)) for values in block)
