"""Addresses that other servers have, too."""

from django.urls import path

from showroom.protocols import inference, invocations

app_name = "protocols"

_MODEL = "v2/models/<str:name>"
_VERSION = f"{_MODEL}/versions/<str:version>"

urlpatterns = [
    path(_MODEL, inference.model, name="model"),
    path(f"{_MODEL}/ready", inference.ready, name="model-ready"),
    path(f"{_MODEL}/infer", inference.infer, name="model-infer"),
    path(_VERSION, inference.model, name="version"),
    path(f"{_VERSION}/ready", inference.ready, name="version-ready"),
    path(f"{_VERSION}/infer", inference.infer, name="version-infer"),
    path("invocations", invocations.invocations, name="invocations"),
]
