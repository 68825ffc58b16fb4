"""A whole artefact in an archive: only its files, each once, none too large."""

import io
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from pulsar_ml import artefact
from pulsar_ml.errors import BadArtefact
from pulsar_ml.examine.finding import Failed

_NAMES = frozenset((*artefact.FILES, *artefact.OPTIONAL, artefact.SUMS))
_MOST = 20
_CHUNK = 2**20
# Of each file but the model.
_MOST_BYTES = 64 * 2**20
_LARGEST = 2**31
_MOST_HASHES = 5_000_000
_HASH_LINE = 65
_BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    EOFError,
    ValueError,
    NotImplementedError,
    OSError,
)


def is_archive(raw: bytes) -> bool:
    """Say whether this may be a packed artefact.

    Parameters
    ----------
    raw : bytes
        The file.

    Returns
    -------
    bool
        Whether it is an archive in which a model and a list of sums are named.
    """
    wanted = {artefact.MODEL, artefact.SUMS}
    try:
        names = {PurePosixPath(name).name for name, _, _ in _members(raw)}
    except (*_BROKEN, Failed):
        return False
    return wanted <= names


def unpack(raw: bytes, to: Path, most: int) -> str:
    """Unpack an artefact and check its sums.

    Parameters
    ----------
    raw : bytes
        The archive.
    to : Path
        A folder that is not there yet.
    most : int
        Bytes of the model.

    Returns
    -------
    str
        What was in it.

    Raises
    ------
    Failed
        If anything but the files of an artefact is in it, or one is not as its sum
        says.
    """
    to.mkdir()
    names: set[str] = set()
    try:
        for path, why_not, opened in _members(raw):
            name = _plain(path, why_not)
            if name in names:
                raise Failed(f"{name} is in it twice.")
            names.add(name)
            limit = most if name == artefact.MODEL else _MOST_BYTES
            with opened() as file, (to / name).open("wb") as unpacked:
                for chunk in _chunks(file, limit, name):
                    unpacked.write(chunk)
        files, _ = artefact.read(to)
    except BadArtefact as error:
        words = str(error).replace(f"{to}/", "").replace(str(to), "This")
        raise Failed(words) from error
    except _BROKEN as error:
        raise Failed(f"The archive is broken: {str(error)[:200]}") from error
    for name in (artefact.TRAINING, artefact.HOLDOUT):
        check_hashes(files[name], name)
    return f"An artefact of {len(names)} files, each as its sum says."


def check_hashes(packed: bytes, name: str) -> None:
    """Check a packed list of candidate hashes, and never unpack more than one holds.

    Parameters
    ----------
    packed : bytes
        As `pulsar_ml.artefact.hash_list` gives it.
    name : str
        Of the file.

    Raises
    ------
    Failed
        If it is none.
    """
    limit = _MOST_HASHES * _HASH_LINE
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        text = unpacking.decompress(packed, limit)
    except zlib.error as error:
        raise Failed(f"{name} cannot be unpacked.") from error
    if unpacking.unconsumed_tail or unpacking.unused_data or not unpacking.eof:
        raise Failed(f"{name} is too large, or cut off.")
    lines = text.split(b"\n")
    is_hash = frozenset(b"0123456789abcdef").issuperset
    if lines.pop() or not all(len(line) == 64 and is_hash(line) for line in lines):
        raise Failed(f"{name} is no list of candidate hashes.")


def _plain(path: str, why_not: str) -> str:
    name = PurePosixPath(path).name
    # An archiver may have packed the folder itself.
    is_plain = path == name or (path.count("/") == 1 and path[0] not in "./")
    if why_not or not is_plain or name not in _NAMES or "\\" in path or ".." in path:
        what = why_not or "is none of the files of an artefact"
        raise Failed(f"In the archive, {path[:80]!r} {what}.")
    return name


def _chunks(file: IO[bytes], limit: int, name: str) -> Iterator[bytes]:
    left = limit
    while chunk := file.read(_CHUNK):
        left -= len(chunk)
        if left < 0:
            raise Failed(f"{name} unpacks to more than {limit:,} bytes.")
        yield chunk


def _members(raw: bytes) -> Iterator[tuple[str, str, "_Opened"]]:
    """Give each member's name, why it is not taken, and how it is opened."""
    listed = _in_zip if raw[:2] == b"PK" else _in_tar
    for n, member in enumerate(listed(raw)):
        if n >= _MOST:
            raise Failed(f"The archive has more than {_MOST} entries.")
        yield member


class _Opened:
    """Opens a member when it is wanted."""

    def __init__(self, archive: zipfile.ZipFile | tarfile.TarFile, member: object):
        self._archive = archive
        self._member = member

    def __call__(self) -> IO[bytes]:
        if isinstance(self._archive, zipfile.ZipFile):
            return self._archive.open(self._member)  # type: ignore[arg-type]
        found = self._archive.extractfile(self._member)  # type: ignore[arg-type]
        if found is None:
            raise Failed("The archive has an entry without content.")
        return found


def _in_zip(raw: bytes) -> Iterator[tuple[str, str, _Opened]]:
    archive = zipfile.ZipFile(io.BytesIO(raw))
    for member in archive.infolist():
        kind = stat.S_IFMT(member.external_attr >> 16)
        why_not = ""
        if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
            why_not = "is a link or a device"
        elif member.flag_bits & 1:
            why_not = "is encrypted"
        elif member.is_dir():
            # Nothing is made of it; its files say where they belong.
            continue
        yield member.filename, why_not, _Opened(archive, member)


def _in_tar(raw: bytes) -> Iterator[tuple[str, str, _Opened]]:
    # Of bytes in memory: there is nothing to be closed.
    archive = tarfile.open(fileobj=io.BytesIO(raw), mode="r:*")  # noqa: SIM115
    for member in archive:
        if member.isdir():
            continue
        # Even to pass it by, all of it would have to be unpacked.
        if member.size > _LARGEST:
            raise Failed(f"In the archive, {member.name[:80]!r} is far too large.")
        is_file = member.type in {tarfile.REGTYPE, tarfile.AREGTYPE}
        why_not = "" if is_file else "is a link or a device"
        yield member.name.removeprefix("./"), why_not, _Opened(archive, member)
