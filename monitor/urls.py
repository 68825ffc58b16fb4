"""Addresses under /monitor/."""

from django.urls import path
from django.views.generic import RedirectView

from monitor import views

app_name = "monitor"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="monitor:events"), name="index"),
    path("events/", views.events, name="events"),
    path("events.csv", views.events_csv, name="events-csv"),
]
