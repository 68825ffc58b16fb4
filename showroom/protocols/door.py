"""Who may ask, what is read of a body, and what is answered to what goes wrong."""

import json
import logging
from collections.abc import Callable
from functools import wraps

from django.http import HttpResponse, JsonResponse

from accounts.programs.acted import acted
from accounts.requests import Request
from monitor import room
from pulsar_ml.errors import BadInput, PulsarError
from registry.errors import NoSuchVersion, RegistryError
from showroom.errors import Made, NoRoom, ShowroomError
from showroom.protocols.binary import HEADER, joined
from showroom.protocols.error import error

logger = logging.getLogger(__name__)

_View = Callable[..., HttpResponse]


class OtherMedia(BadInput):
    """A body of a kind that is not read here."""


# The first that fits; what is none of these is a model that cannot answer now.
_STATUS: tuple[tuple[type[Exception], int], ...] = (
    (NoSuchVersion, 404),
    (OtherMedia, 415),
    (BadInput, 400),
    (NoRoom, 507),
)
_NOT_NOW = 409


def door(right: str) -> Callable[[_View], _View]:
    """Let in who has the right, and put every refusal into a sentence."""

    def guarded(view: _View) -> _View:
        @wraps(view)
        def answered(request: Request, **kwargs: str) -> HttpResponse:
            if not request.user.has_perm(right):
                return error(403, "You may not do this.")
            try:
                return view(request, **kwargs)
            except Made as reason:
                return acted(_refused(reason))
            except (RegistryError, ShowroomError, PulsarError) as reason:
                return _refused(reason)
            except OSError as reason:
                return _lacking(reason)

        return answered

    return guarded


def body_of(request: Request) -> object:
    """What was sent as JSON, and after it; few of these clients say that it is."""
    # A form has been read as one by now, and cannot be read again.
    if (request.content_type or "").startswith("multipart/"):
        raise OtherMedia("Send application/json.")
    try:
        if length := request.headers.get(HEADER):
            return joined(request.body, length)
        return json.loads(request.body)
    except (ValueError, RecursionError) as reason:
        raise BadInput("The body is no JSON.") from reason


def _refused(reason: Exception) -> JsonResponse:
    fitting = (status for kind, status in _STATUS if isinstance(reason, kind))
    return error(next(fitting, _NOT_NOW), str(reason))


def _lacking(reason: OSError) -> JsonResponse:
    logger.error("Stored files cannot be used", exc_info=reason)
    status = 507 if room.is_lacking(reason) else 503
    return error(status, f"The storage refused: {reason.strerror or reason}.")
