"""What is inside a zip or tar archive, and copies of it within limits."""

import gzip
import io
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple, cast

from pulsar_ml.errors import BadInput
from pulsar_ml.formats import phcx_xml, tar_headers
from pulsar_ml.formats.table import Scratch, Source

MAX_MEMBERS = 10_000
_MAX_NAME = 1000
# The directory of 10,000 members with long names.
_MAX_READ = 8 * 2**20
_MAX_EXPANDED = 4 * 2**30
_ALWAYS_EXPANDED = 64 * 2**20
# Tables of text shrink to a tenth, zeros to a thousandth.
_MAX_RATIO = 100
_PIECE = 2**20
_DAMAGED = "is damaged; what comes after its sound members cannot be read"
# Of what makes no sense Python's modules raise what comes of it: a size beyond all
# numbers, letters that are none, a version of the format that nobody wrote.
_RAISED = (
    EOFError,
    NotImplementedError,
    OverflowError,
    RecursionError,
    ValueError,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)

Opener = Callable[[], IO[bytes]]


class Listing(NamedTuple):
    """The members of an archive by name, and what is wrong after the last of them."""

    members: dict[str, Opener]
    fault: str = ""


class Budget:
    """How many bytes may still be unpacked from an archive; negative: too many were.

    Parameters
    ----------
    archive : Path
        Its size decides the limit.
    """

    def __init__(self, archive: Path) -> None:
        ratio = _MAX_RATIO * archive.stat().st_size
        self.left = min(_MAX_EXPANDED, max(_ALWAYS_EXPANDED, ratio))

    def spend(self, n_bytes: int) -> None:
        """Count so many bytes more.

        Parameters
        ----------
        n_bytes : int
            Just unpacked.

        Raises
        ------
        BadInput
            They are too many.
        """
        self.left -= n_bytes
        if self.left < 0:
            raise BadInput(
                f"holds more than {_MAX_EXPANDED >> 30} GiB, or more than "
                f"{_MAX_RATIO} times its size; unpack it first"
            )


class _Careful(io.FileIO):
    """A file of which nobody reads very much at once, whatever sizes it gives."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _MAX_READ:
            raise BadInput("is damaged, or its directory is too large")
        return super().read(size) or b""


@contextmanager
def _damage() -> Iterator[None]:
    try:
        yield
    except _RAISED as error:
        raise BadInput("is damaged: it cannot be unpacked") from error


@contextmanager
def copy(open_member: Opener, budget: Budget, scratch: Scratch) -> Iterator[Path]:
    """Copy a member to a file of ours that lasts as long as the body.

    Parameters
    ----------
    open_member : callable
        Opens the member for reading bytes; see `Listing`.
    budget : Budget
        What the member's bytes are taken from.
    scratch : Scratch
        Where the copy is put.

    Yields
    ------
    Path
        The copy.

    Raises
    ------
    BadInput
        The member is damaged, of a kind that is not read, or beyond the budget.
    """
    with tempfile.NamedTemporaryFile(prefix="member-", dir=scratch.folder) as copy:
        with _damage(), open_member() as file:
            while piece := file.read(_PIECE):
                budget.spend(len(piece))
                scratch.check()
                scratch.spend(len(piece))
                copy.write(piece)
        copy.flush()
        yield Path(copy.name)


def head(open_member: Opener, n_bytes: int) -> bytes:
    """Read the start of a member.

    Parameters
    ----------
    open_member : callable
        Opens the member for reading bytes; see `Listing`.
    n_bytes : int
        How much at most.

    Returns
    -------
    bytes
        What there is of it.

    Raises
    ------
    BadInput
        The member is damaged, or of a kind that is not read.
    """
    with _damage(), open_member() as file:
        return file.read(n_bytes)


@contextmanager
def zipped(source: Source) -> Iterator[Listing]:
    """List the members of a zip archive, which is open while the body runs.

    Parameters
    ----------
    source : Source
        The archive.

    Yields
    ------
    Listing
        Without folders and hidden files.

    Raises
    ------
    BadInput
        The archive is damaged or has too many members.
    """
    with ExitStack() as stack:
        file = stack.enter_context(_Careful(source.path))
        with _damage():
            opened = stack.enter_context(zipfile.ZipFile(file))
        infos = [info for info in opened.infolist() if not info.is_dir()]
        members = [(info.filename, partial(_in_zip, opened, info)) for info in infos]
        yield _named(members)


def _in_zip(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    if info.flag_bits & 1:
        raise BadInput("is encrypted")
    # Others take memory by what the file says, not by what it holds.
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise BadInput("is compressed in another way than zip archives commonly are")
    return opened.open(info)


@contextmanager
def tarred(source: Source) -> Iterator[Listing]:
    """List the members of a tar archive, which is open while the body runs.

    Parameters
    ----------
    source : Source
        The archive, compressed by gzip or not.

    Yields
    ------
    Listing
        Without folders and hidden files; what comes before damage is in it.

    Raises
    ------
    BadInput
        The archive cannot be opened, expands too far or has too many members.
    """
    with ExitStack() as stack:
        path, fault = stack.enter_context(_plain(source.path, source.scratch))
        file = stack.enter_context(_Careful(path))
        with _damage():
            opened = stack.enter_context(
                tarfile.open(
                    fileobj=cast("IO[bytes]", file),
                    mode="r:",
                    tarinfo=tar_headers.Careful,
                )
            )
        infos, broken = _infos(opened, file)
        members = [
            (info.name, partial(_in_tar, opened, info))
            for info in infos
            if not info.isdir()
        ]
        yield _named(members)._replace(fault=fault or broken)


@contextmanager
def _plain(path: Path, scratch: Scratch) -> Iterator[tuple[Path, str]]:
    """Undo gzip as far as it goes; the text says what is wrong with the rest."""
    with path.open("rb") as file:
        if file.read(2) != phcx_xml.GZIP:
            yield path, ""
            return
    budget, fault = Budget(path), ""
    with tempfile.NamedTemporaryFile(prefix="archive-", dir=scratch.folder) as plain:
        with gzip.open(path) as file:
            try:
                while piece := file.read1(_PIECE):
                    budget.spend(len(piece))
                    scratch.check()
                    scratch.spend(len(piece))
                    plain.write(piece)
            except (EOFError, gzip.BadGzipFile, zlib.error):
                fault = _DAMAGED
        plain.flush()
        yield Path(plain.name), fault


def _infos(
    opened: tarfile.TarFile, file: io.FileIO
) -> tuple[list[tarfile.TarInfo], str]:
    infos = []
    try:
        for info in opened:
            infos.append(info)
            if len(infos) > MAX_MEMBERS:
                return infos, ""
    except _RAISED:
        return infos, _DAMAGED
    # At what is no header tarfile just stops.
    file.seek(opened.offset)
    return infos, _DAMAGED if file.read(tarfile.BLOCKSIZE).strip(b"\0") else ""


def _in_tar(opened: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    file = opened.extractfile(info) if info.isreg() else None
    if file is None:
        raise BadInput("is a link or a device, not a file")
    return file


def _named(members: Sequence[tuple[str, Opener]]) -> Listing:
    """Give each member a name that can be shown, and that no other one has."""
    if len(members) > MAX_MEMBERS:
        raise BadInput(f"has more than {MAX_MEMBERS} members")
    found: dict[str, Opener] = {}
    last: dict[str, int] = {}
    for name, opener in members:
        shown = "".join(
            c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name
        )
        shown = shown[-_MAX_NAME:]
        # What a Mac adds, and other hidden files.
        parts = (part for part in shown.split("/") if part not in {".", ".."})
        if any(part.startswith((".", "__MACOSX")) for part in parts):
            continue
        unique = shown
        # From where the last one of this name stopped: thousands may share it.
        while unique in found:
            last[shown] = last.get(shown, 1) + 1
            unique = f"{shown} ({last[shown]})"
        found[unique] = opener
    return Listing(found)
