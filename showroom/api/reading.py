"""What an operation says where stored files cannot be read or written."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from ninja.errors import HttpError

from monitor import room

_Asked = ParamSpec("_Asked")
_Answer = TypeVar("_Answer")
logger = logging.getLogger(__name__)


def reading(operation: Callable[_Asked, _Answer]) -> Callable[_Asked, _Answer]:
    """Decorate what touches the files of batches: it may fail, in words.

    A part may be missing, the disk full: none of it is the fault of who asks.
    """

    @wraps(operation)
    def wrapped(*args: _Asked.args, **kwargs: _Asked.kwargs) -> _Answer:
        try:
            return operation(*args, **kwargs)
        except OSError as error:
            logger.exception("Stored files cannot be used")
            status = 507 if room.is_lacking(error) else 503
            why = error.strerror or str(error)
            raise HttpError(status, f"The storage refused: {why}.") from error

    return wrapped
