"""The app, as Django sees it."""

from django.apps import AppConfig


class MonitorConfig(AppConfig):
    name = "monitor"
