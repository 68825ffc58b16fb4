"""Take files in, and have them classified unless they were before."""

from collections.abc import Sequence
from typing import NamedTuple

from django.core.files.uploadedfile import TemporaryUploadedFile

from accounts.models import User
from showroom.models import Batch
from showroom.receive import store
from showroom.recognise import recognise
from showroom.start import start
from showroom.storage.quota import admit


class Uploaded(NamedTuple):
    """The batch of the files, and whether it is an older one of the same bytes."""

    batch: Batch
    came_before: bool


def upload(
    files: Sequence[TemporaryUploadedFile],
    *,
    by: User,
    private: bool = False,
    blind: bool = False,
) -> Uploaded:
    """Keep the files; of the same bytes no second batch is made unasked."""
    admit(sum(file.size or 0 for file in files))
    stored = [store(file) for file in files]
    if before := recognise(stored, to=by):
        return Uploaded(before, came_before=True)
    made = start(stored, owner=by, private=private, blind=blind)
    return Uploaded(made, came_before=False)
