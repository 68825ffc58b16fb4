"""Every address of the site, by app."""

from django.contrib import admin
from django.urls import include, path

from monitor.views import metrics
from pulsarsite import errors, health, home, server
from pulsarsite.lazily import Lazily

urlpatterns = [
    path("", home.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("", include("showroom.protocols.urls")),
    path("v2", server.server, name="v2"),
    path("v2/health/live", server.live, name="v2-live"),
    path("v2/health/ready", server.ready, name="v2-ready"),
    path("ping", server.ping, name="ping"),
    path("health", server.health, name="health"),
    path("version", server.version, name="version"),
    path("accounts/", include("pulsarsite.entry")),
    path("admin/", admin.site.urls),
    Lazily("api/", "pulsarsite.api", app="ninja", namespace="api"),
    path("dispatch/", include("dispatch.urls")),
    path("monitor/", include("monitor.urls")),
    path("registry/", include("registry.urls")),
    path("showroom/", include("showroom.urls")),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
