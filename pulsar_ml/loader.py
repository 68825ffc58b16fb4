"""Files in, chunks of candidates out; what cannot be used is kept with its reason."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pulsar_ml import candidate
from pulsar_ml.features import FEATURES
from pulsar_ml.formats import (
    archive,
    arff,
    bestprof,
    candyjar,
    delimited,
    door,
    fits,
    json_rows,
    parquet_table,
    pulsarx,
    told,
    votable,
)
from pulsar_ml.formats.beside import paired
from pulsar_ml.formats.table import (
    MAX_METADATA,
    Block,
    Reject,
    Source,
    Table,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CHUNK_ROWS", "Chunk", "Position", "Reject", "Source", "count_rows", "read"]

CHUNK_ROWS = 65_536
# Rows of a kilobyte each still fill a chunk; longer ones end it early.
_CHUNK_BYTES = 128 * 2**20
# Rows of a table that take as long as opening one: it has hardly any where it is small.
_LEAST_WORK = 100

# Text comes last: it takes whatever has no zero byte.
_PLAIN = (
    *candidate.FORMATS,
    bestprof.FORMAT,
    parquet_table.FORMAT,
    fits.FORMAT,
    votable.FORMAT,
    arff.FORMAT,
    json_rows.FORMAT,
    told.PICTURE,
    candyjar.FORMAT,
    pulsarx.FORMAT,
    delimited.FORMAT,
)
FORMATS = (*archive.formats(_PLAIN), *_PLAIN)
# No metadata of a table displaces these.
_KEPT = ("row", "name", *FEATURES, "other_kind", "kind", "source")


class Position(NamedTuple):
    """A place in the input: index of the source, and rows of it already read."""

    file: int = 0
    row: int = 0


@dataclass(frozen=True)
class Chunk:
    """Consecutive input rows over all sources, the unit in which they are scored.

    Attributes
    ----------
    first_row, n_rows : int
        Place of the first row in the whole input, from 1, and how many rows there
        are; the rejected ones are counted.
    frame : DataFrame
        The good rows: ``row`` (int64), ``name``, the eight features (float64), then
        the metadata columns as text or None.
    rejects : list of Reject
        The others.
    end : Position
        Where the next chunk begins.
    bytes_read : int
        Of all sources together so far, for progress.
    notes : tuple of str
        What was decided about each file that begins here, for the user.
    """

    first_row: int
    n_rows: int
    frame: "pd.DataFrame"
    rejects: list[Reject]
    end: Position
    bytes_read: int
    notes: tuple[str, ...]


def open_table(source: Source) -> Table:
    """Open one file with the first reader that recognises it.

    Parameters
    ----------
    source : Source
        The file.

    Returns
    -------
    Table
        Its rows, not yet read.

    Raises
    ------
    BadInput
        The file cannot be used; the message says why.
    """
    return door.opened(source, FORMATS)


def read(
    sources: Sequence[Source],
    start: Position = Position(),  # noqa: B008  # immutable
    first_row: int = 1,
    chunk_rows: int = CHUNK_ROWS,
) -> Iterator[Chunk]:
    """Read the sources one after the other, as one input.

    Parameters
    ----------
    sources : sequence of Source
        The files, in the user's order; a ``.bestprof`` beside its PFD is none of
        its own, and what a table says of raw candidates goes to them.
    start : Position
        The ``end`` of an earlier chunk, to go on from there.
    first_row : int
        Number of the first row that will be read.
    chunk_rows : int
        Rows in a chunk; a chunk also spans sources. Rows of many kilobytes make it
        shorter, so that memory stays bounded, and so do raw candidates and many
        small files, so that whoever writes it gives a sign of life every few seconds.

    Yields
    ------
    Chunk
        Each with at least one row.
    """
    sources = told.told(paired(sources))
    parts: list[_Part] = []
    n_rows, work, weight = 0, 0, 0.0
    for file, block, skipped, notes in _blocks(sources, start):
        at = skipped
        work += max(0, _LEAST_WORK - block.work * block.n_rows)
        while at < block.n_rows:
            until = min(block.n_rows, at + chunk_rows - n_rows)
            parts.append(_Part(file, block, at, until, () if at else notes))
            n_rows += until - at
            work += block.work * (until - at)
            weight += block.n_bytes * (until - at) / block.n_rows
            at = until
            if n_rows == chunk_rows or work >= CHUNK_ROWS or weight >= _CHUNK_BYTES:
                yield _chunk(parts, sources, first_row)
                first_row += n_rows
                parts, n_rows, work, weight = [], 0, 0, 0.0
    if parts:
        yield _chunk(parts, sources, first_row)


def count_rows(sources: Sequence[Source], limit: int) -> int:
    """Count input rows, but stop soon after the limit.

    Parameters
    ----------
    sources : sequence of Source
        The files.
    limit : int
        More than this need not be counted.

    Returns
    -------
    int
        Exact up to the limit, and one more where there are more. A raw candidate,
        which takes as long as a hundred rows of a table, counts as so many.
    """
    n_rows = 0
    for _, block, _, _ in _blocks(told.told(paired(sources)), Position()):
        n_rows += block.n_rows * block.work
        if n_rows > limit:
            return limit + 1
    return n_rows


class _Part(NamedTuple):
    """Rows of a block that go into one chunk: from place `at` to before `until`."""

    file: int
    block: Block
    at: int
    until: int
    notes: tuple[str, ...]


def _blocks(
    sources: Sequence[Source], start: Position
) -> Iterator[tuple[int, Block, int, tuple[str, ...]]]:
    """Every block from a place on: its file, it, its rows already read, its notes."""
    for file, source in enumerate(sources[start.file :], start.file):
        if source.silent:
            continue
        skip = start.row if file == start.file else 0
        for block in door.blocks(source, open_table, skip):
            skipped = max(0, skip + 1 - block.first_row)
            said = tuple(f"{source.name}: {note}" for note in block.notes)
            yield file, block, skipped, said


def _size(source: Source) -> int:
    paths = [path for path in (source.path, source.beside) if path]
    return sum(path.stat().st_size for path in paths if path.exists())


def _chunk(parts: list[_Part], sources: Sequence[Source], first_row: int) -> Chunk:
    frames, rejects, row = [], [], first_row
    for part in parts:
        begin = part.block.first_row + part.at
        end = part.block.first_row + part.until
        low, high = part.block.frame["row"].searchsorted([begin, end])
        frame = part.block.frame.iloc[low:high]
        frames.append(frame.assign(row=frame["row"] + (row - begin)))
        rejects += [
            reject._replace(row=reject.row + (row - begin))
            for reject in part.block.rejects
            if begin <= reject.row < end
        ]
        row += part.until - part.at
    last = parts[-1]
    before = sum(_size(source) for source in sources[: last.file])
    share = (last.block.end - last.block.begin) * last.until // last.block.n_rows
    return Chunk(
        first_row=first_row,
        n_rows=row - first_row,
        frame=_frame(frames),
        rejects=rejects,
        end=Position(last.file, last.block.first_row + last.until - 1),
        bytes_read=before + last.block.begin + share,
        notes=tuple(note for part in parts for note in part.notes),
    )


def _frame(frames: "Sequence[pd.DataFrame]") -> "pd.DataFrame":
    """One table of several; a metadata column may be spelt in any case."""
    import pandas as pd  # slow, and no start of a program needs it

    # Frames without rows would turn the types of the others.
    frames = [frame for frame in frames if len(frame)] or list(frames[:1])
    if len(frames) == 1:
        return frames[0].reset_index(drop=True)
    spelling: dict[str, str] = {}
    for frame in frames:
        for name in frame.columns:
            spelling.setdefault(name.casefold(), name)
    kept = [name for name in _KEPT if name in spelling]
    others = [name for name in spelling.values() if name not in kept]
    columns = [*kept, *others[:MAX_METADATA]]
    alike = []
    for frame in frames:
        same = frame.rename(columns=lambda name: spelling[name.casefold()])
        absent = [name for name in columns if name not in same]
        alike.append(same.assign(**dict.fromkeys(absent))[columns])
    return pd.concat(alike, ignore_index=True)
