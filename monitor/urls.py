"""Addresses under /monitor/."""

from django.urls import path
from django.views.generic import RedirectView

from monitor.views import events

app_name = "monitor"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="monitor:events"), name="index"),
    path("events/", events.events, name="events"),
    path("events.csv", events.events_csv, name="events-csv"),
]
