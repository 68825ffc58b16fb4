"""Addresses under /monitor/."""

app_name = "monitor"
urlpatterns: list = []
