"""Addresses under /dispatch/."""

from django.urls import path

from dispatch.views import index

app_name = "dispatch"
urlpatterns = [
    path("", index.index, name="index"),
]
