"""Is the process there, and can it do its work: for load balancers and watchers."""

from django.contrib.auth.decorators import login_not_required
from django.db import Error as DatabaseFailed
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pulsar_ml.errors import PulsarError
from registry import serving
from registry.errors import RegistryError


@login_not_required
@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """The process can score: its database answers and its model can be loaded."""
    reason = why_not_ready()
    if not reason:
        return JsonResponse({"status": "ok"})
    return JsonResponse({"status": "not ready", "reasons": [reason]}, status=503)


def why_not_ready() -> str:
    """Why nothing can be scored; empty if it can."""
    # What the driver or the loader says names hosts, users and paths: it is for the
    # log, and these pages are open to everybody.
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        serving.champion()
    except DatabaseFailed:
        return "The database does not answer."
    except (RegistryError, PulsarError, OSError):
        return "There is no model in production that can be loaded."
    return ""
