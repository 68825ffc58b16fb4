"""What a page says where a batch's rows cannot be read."""

import logging
from collections.abc import Callable
from functools import wraps
from urllib.parse import urlsplit

from django.http.response import HttpResponseBase
from django.shortcuts import render

from accounts.requests import Request
from showroom.views.find import batch_or_404

# Django names what stands in an address when it calls a view.
View = Callable[..., HttpResponseBase]
logger = logging.getLogger(__name__)


def reading(view: View) -> View:
    """Decorate the view of a batch that reads its parts: it may fail, in words.

    A part may be missing, the disk or the memory of a query full: none of it is the
    fault of who asks, and none of it harms what is stored.
    """

    @wraps(view)
    def wrapped(request: Request, number: int, **kwargs: object) -> HttpResponseBase:
        try:
            return view(request, number, **kwargs)
        except OSError as error:
            logger.exception("The rows of batch %s cannot be read", number)
            return _unreadable(request, number, error)

    return wrapped


def _unreadable(request: Request, number: int, error: OSError) -> HttpResponseBase:
    context = {
        "batch": batch_or_404(request, number),
        "reason": error.strerror or str(error),
        "is_missing": isinstance(error, FileNotFoundError),
    }
    response = render(request, "showroom/unreadable.html", context, status=503)
    if request.fragment and _is_of_page(request):
        # HTMX shows no answer with an error, but it goes where it is sent.
        response["HX-Redirect"] = request.get_full_path()
    return response


def _is_of_page(request: Request) -> bool:
    """Whether what HTMX wants is of the page one is on, and not one beside it."""
    return urlsplit(request.htmx.current_url or "").path == request.path
