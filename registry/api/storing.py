"""Files that are to be kept, of which the disk may take none."""

from collections.abc import Iterator
from contextlib import contextmanager

from ninja.errors import HttpError


@contextmanager
def storing() -> Iterator[None]:
    """Say so where the storage refuses."""
    try:
        yield
    except OSError as error:
        words = f"The storage of the site refused: {error.strerror}."
        raise HttpError(503, words) from error
