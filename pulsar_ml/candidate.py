"""Raw candidates: open one of any format, alone or inside an archive."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from pulsar_ml.errors import UnknownFormat
from pulsar_ml.formats import archive, bestprof, door, pfd, phcx, single, text
from pulsar_ml.formats.raw import Array, Candidate, Curve, Header, Image, Panels
from pulsar_ml.formats.table import Format, Source

__all__ = [
    "FORMATS",
    "Array",
    "Candidate",
    "Curve",
    "Header",
    "Image",
    "Panels",
    "open_candidate",
    "open_member",
]


def open_candidate(source: Source | Path) -> Candidate:
    """Read a raw candidate, whatever its format.

    Parameters
    ----------
    source : Source or Path
        The file; its content decides, its name does not.

    Returns
    -------
    Candidate
        With the ``.bestprof`` of the source taken in, if it has one.

    Raises
    ------
    UnknownFormat
        It is no raw candidate.
    BadInput
        It is one, but damaged or too large.
    """
    if isinstance(source, Path):
        source = Source(source, source.name)
    with door.words(source.name):
        start = text.head(source.path)
        for _, recognises, read in _READERS:
            if recognises(start):
                return read(source)
    raise UnknownFormat("is neither a PHCX nor a PFD candidate")


def open_member(source: Source, member: str) -> Candidate:
    """Read a raw candidate inside an archive, without extracting anything.

    Parameters
    ----------
    source : Source
        The archive.
    member : str
        The candidate's name in it, as it is shown after the archive's and ``!``.

    Returns
    -------
    Candidate
        With its ``.bestprof`` taken in, if the archive has one.

    Raises
    ------
    BadInput
        There is no such candidate, or it cannot be used.
    """
    with archive.member(source, member) as found:
        return open_candidate(found)


def _phcx(source: Source) -> Candidate:
    return phcx.read(source.path)


def _pfd(source: Source) -> Candidate:
    candidate = pfd.read(source.path)
    return bestprof.enrich(candidate, source.beside) if source.beside else candidate


_READERS: tuple[
    tuple[str, Callable[[bytes], bool], Callable[[Source], Candidate]], ...
] = (("PHCX", phcx.recognises, _phcx), ("PFD", pfd.recognises, _pfd))
FORMATS = tuple(
    Format(name, recognises, partial(single.table, read=read))
    for name, recognises, read in _READERS
)
