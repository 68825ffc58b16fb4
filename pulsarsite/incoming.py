"""Uploads as they stream in: they end where the disk has no more room for them."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.core.exceptions import BadRequest
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from monitor import room

# So much comes in between two looks at the disk.
_STRIDE = 4 * 1024**2


class NoRoom(BadRequest):
    """The disk is full in the middle of a body; a page of ours answers it."""


class Handler(TemporaryFileUploadHandler):
    """Keeps a file where Django would, and looks at the room that others take too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unseen = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        with self._room():
            super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.unseen += len(raw_data)
        with self._room():
            if self.unseen >= _STRIDE:
                self.unseen = 0
                room.check()
            super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        with self._room():
            return super().file_complete(file_size)

    @contextmanager
    def _room(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if not room.is_lacking(error):
                raise
            reason = room.words()
            # Django closes what is complete. To close this writes what is left of it.
            with suppress(AttributeError, OSError):
                self.file.close()
            raise NoRoom(reason) from error
