"""Every address of the site, by app."""

from django.contrib import admin
from django.urls import include, path

from monitor.views import metrics
from pulsarsite import errors, health, home
from pulsarsite.api import api

urlpatterns = [
    path("", home.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("accounts/", include("pulsarsite.entry")),
    path("admin/", admin.site.urls),
    path("api/", api.urls),
    path("dispatch/", include("dispatch.urls")),
    path("monitor/", include("monitor.urls")),
    path("registry/", include("registry.urls")),
    path("showroom/", include("showroom.urls")),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
