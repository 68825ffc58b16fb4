"""Uploaded files whose bytes are no longer there."""

import os
from contextlib import suppress

from showroom.models import Batch, BatchFile

# Rows that one statement changes.
_AT_ONCE = 1_000


def why_gone(file: BatchFile) -> str:
    """What became of the file, after its name; empty if it is there."""
    # The same bytes may have been brought again since.
    if file.path.exists():
        return ""
    if not file.removed_at:
        return "is no longer in the storage"
    days = (file.removed_at - file.batch.created_at).days
    return f"was removed after {days} days, as the site is set up"


def touch(batch: Batch) -> None:
    """Let no prune take the files for forgotten before the database names them."""
    for file in batch.files.all():
        with suppress(FileNotFoundError):
            os.utime(file.path)


def found_again(batch: Batch) -> None:
    """Take the note of a removal from the files that somebody has brought again."""
    taken = batch.files.exclude(removed_at=None)
    there = [file.pk for file in taken if file.path.exists()]
    for first in range(0, len(there), _AT_ONCE):
        some = there[first : first + _AT_ONCE]
        batch.files.filter(pk__in=some).update(removed_at=None)
