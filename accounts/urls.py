"""Addresses under /accounts/; pulsarsite.entry adds those that record an event."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("logout/", views.Logout.as_view(), name="logout"),
    path("preferences/", views.preferences, name="preferences"),
    path("zone/", views.zone, name="zone"),
    path("reset/", views.Reset.as_view(), name="reset"),
    path("reset/sent/", views.ResetSent.as_view(), name="reset-sent"),
]
