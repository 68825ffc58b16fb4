"""What the site says of itself, to programs that know other model servers."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

import pulsarsite
from pulsarsite.health import why_not_ready


@require_safe
def server(request: HttpRequest) -> JsonResponse:
    """What it is, as the Open Inference Protocol has it."""
    return JsonResponse(
        {
            "name": "pulsarsite",
            "version": pulsarsite.__version__,
            "extensions": ["binary_tensor_data"],
        }
    )


@login_not_required
@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"live": True})


@login_not_required
@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """It can score; where it cannot, the error says why."""
    if reason := why_not_ready():
        return JsonResponse({"ready": False, "error": reason}, status=503)
    return JsonResponse({"ready": True})


@login_not_required
@require_safe
@never_cache
def ping(request: HttpRequest) -> HttpResponse:
    """The same, as MLflow's servers have it: all is in the status."""
    return _well()


@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """Another name for it."""
    return _well()


@require_safe
def version(request: HttpRequest) -> HttpResponse:
    """The site's own, where MLflow's servers name theirs."""
    return HttpResponse(pulsarsite.__version__, content_type="text/plain")


def _well() -> HttpResponse:
    reason = why_not_ready()
    status = 503 if reason else 200
    return HttpResponse(f"{reason}\n", status=status, content_type="text/plain")
