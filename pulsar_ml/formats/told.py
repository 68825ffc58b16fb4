"""Files of an upload that belong together by what they hold: tables, and pictures."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple, NoReturn

from pulsar_ml.errors import BadInput
from pulsar_ml.formats import candyjar, door, pulsarx
from pulsar_ml.formats.listing import Listing
from pulsar_ml.formats.matching import Matching
from pulsar_ml.formats.table import Format, Source, Told

_PNG = b"\x89PNG\r\n\x1a\n"
_PICTURE = ".png"
# Before a file is looked at more closely.
_START = 2**16


class File(NamedTuple):
    """A file of an upload or an archive.

    `head` reads so many bytes of its start; `path` gives the whole of it, for as long
    as the stack lasts.
    """

    name: str
    head: Callable[[int], bytes]
    path: Callable[[ExitStack], Path]


class Together(NamedTuple):
    """What was found out of each file, by its place.

    Attributes
    ----------
    told : mapping
        What tables say of a raw candidate.
    given : mapping
        Which rows of a table have found theirs.
    silent : set
        Files that have nothing more to say.
    others : mapping
        For how many other pictures one speaks.
    """

    told: Mapping[int, tuple[Told, ...]]
    given: Mapping[int, frozenset[int]]
    silent: set[int]
    others: Mapping[int, int]

    def mark(self, place: int, source: Source) -> Source:
        """Let a file know what belongs to it.

        Parameters
        ----------
        place : int
            The file's.
        source : Source
            The file.

        Returns
        -------
        Source
            With what was found out, besides what was known before.
        """
        return source._replace(
            told=self.told.get(place, source.told),
            given=self.given.get(place, source.given),
            silent=source.silent or place in self.silent,
            others=self.others.get(place, source.others),
        )


def told(sources: Sequence[Source]) -> list[Source]:
    """Put what tables say beside the raw candidates that they are about.

    Parameters
    ----------
    sources : sequence of Source
        All files of an upload or a folder.

    Returns
    -------
    list of Source
        The same, each with what belongs to it.
    """
    files = [
        File(source.name, partial(_start, source.path), partial(_whole, source.path))
        for source in sources
    ]
    known = {
        place
        for place, source in enumerate(sources)
        if source.given is not None or source.silent or not source.path.is_file()
    }
    with together(files, known) as found:
        return [found.mark(place, source) for place, source in enumerate(sources)]


@contextmanager
def together(
    files: Sequence[File], known: set[int] | frozenset[int] = frozenset()
) -> Iterator[Together]:
    """Find out which of these files belong together.

    Parameters
    ----------
    files : sequence of File
        All files of an upload, or all members of an archive.
    known : set of int
        Places of those of which it was found out before.

    Yields
    ------
    Together
        What was found, to be used as long as the body runs.
    """
    pictures: list[int] = []
    tables: dict[int, Listing] = {}
    with ExitStack() as stack:
        for place, file in enumerate(files):
            if place in known:
                continue
            # What is wrong with it is said when its turn comes.
            with suppress(BadInput), door.words(file.name):
                if _is_picture(file):
                    pictures.append(place)
                elif table := _listing(file, stack):
                    tables[place] = table
        yield _found(files, tables, pictures)


def _found(
    files: Sequence[File], tables: Mapping[int, Listing], pictures: Sequence[int]
) -> Together:
    others = {pictures[0]: len(pictures) - 1} if len(pictures) > 1 else {}
    silent = {*pictures[1:]}
    if not tables:
        return Together({}, {}, silent, others)
    matching = Matching([file.name for file in files])
    for place, table in tables.items():
        with suppress(BadInput), door.words(files[place].name):
            matching.take(place, table)
    given = {place: matching.given(place) for place in tables}
    silent |= {
        place
        for place, n_rows in matching.n_rows.items()
        if n_rows == len(given[place])
    }
    return Together(matching.told(), given, silent, others)


def _start(path: Path, n_bytes: int) -> bytes:
    with path.open("rb") as file:
        return file.read(n_bytes)


def _whole(path: Path, _: ExitStack) -> Path:
    return path


def _is_picture(file: File) -> bool:
    named = file.name.lower().endswith(_PICTURE)
    return named and file.head(len(_PNG)) == _PNG


def _listing(file: File, stack: ExitStack) -> Listing | None:
    name = file.name.lower()
    if name.endswith(".csv") and candyjar.head(file.head(_START)):
        return candyjar.read(file.path(stack))
    if name.endswith(pulsarx.SUFFIX):
        return pulsarx.read(file.path(stack), file.name)
    return None


def _refused(source: Source) -> NoReturn:
    others = f", like {source.others:,} more of these files" if source.others else ""
    raise BadInput(
        f"is a picture{others}: pictures are not read; plots are drawn from the raw "
        "files (PHCX or PFD)"
    )


PICTURE = Format("picture", lambda start: start.startswith(_PNG), _refused)
