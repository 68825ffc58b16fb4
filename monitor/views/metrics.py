"""The page that Prometheus reads, by a token of its own."""

import hmac

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from monitor.metrics.exposition import content_type, exposition

_REFUSED = (
    "Send the token that monitor.metrics_token names: Authorization: Bearer <token>\n"
)


@login_not_required
@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """All numbers, for who has the token; without one configured there is no page."""
    if not settings.METRICS_TOKEN:
        raise Http404("monitor.metrics_token names no token.")
    if not _is_allowed(request):
        return HttpResponse(
            _REFUSED,
            status=401,
            content_type="text/plain; charset=utf-8",
            headers={"WWW-Authenticate": 'Bearer realm="metrics"'},
        )
    return HttpResponse(exposition(), content_type=content_type())


def _is_allowed(request: HttpRequest) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    # In a time that tells nothing of how much of it was right.
    same = hmac.compare_digest(
        given.strip().encode("utf-8", "surrogateescape"),
        settings.METRICS_TOKEN.encode(),
    )
    return same and scheme.lower() == "bearer"
