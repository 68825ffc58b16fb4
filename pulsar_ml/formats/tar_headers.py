"""The headers of a tar archive, looked at before Python's own module parses them."""

import re
import tarfile
from typing import Self

_PAX = {tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE}
_LONG = {tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK}
# Twice the longest path there is. That module keeps all of it for every member.
_MAX_BYTES = 8192
_MAX_DIGITS = 5
# It looks for numbers from each digit on, and for a map of holes in any of them.
_NEVER = re.compile(rb"[0-9]{100}|GNU\.sparse\.")


class Careful(tarfile.TarInfo):
    """A member whose headers are parsed only if that takes next to nothing.

    A few megabytes of digits, or of records that are none, would otherwise take
    hours or gigabytes, and a map of holes may be longer than the file it tells of.
    """

    def _proc_member(self, archive: tarfile.TarFile) -> Self:
        if self.type == tarfile.GNUTYPE_SPARSE:
            raise tarfile.ReadError("a file with holes")
        if self.type in _PAX | _LONG:
            self._look(archive)
        found: Self = super()._proc_member(archive)  # type: ignore[misc]
        # They have been applied.
        found.pax_headers = {}
        archive.pax_headers = {}
        return found

    def _look(self, archive: tarfile.TarFile) -> None:
        if not 0 <= self.size <= _MAX_BYTES or archive.fileobj is None:
            raise tarfile.ReadError("a header larger than any path")
        begin = archive.fileobj.tell()
        text = archive.fileobj.read(self.size)
        archive.fileobj.seek(begin)
        if self.type in _PAX and (_NEVER.search(text) or not _is_of_records(text)):
            raise tarfile.ReadError("a header that is not written as one")


def _is_of_records(text: bytes) -> bool:
    """Whether records fill it: their length, a blank, a key, ``=``, and a line end."""
    at = 0
    while text[at:].rstrip(b"\0"):
        digits, blank, _ = text[at : at + _MAX_DIGITS + 1].partition(b" ")
        end = at + int(digits) if digits.isdigit() and blank else at
        record = text[at:end]
        is_whole = len(record) == end - at and record.endswith(b"\n")
        if not is_whole or b"=" not in record[len(digits) + 2 :]:
            return False
        at = end
    return True
