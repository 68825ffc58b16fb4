"""The app, as Django sees it."""

from django.apps import AppConfig


class ShowroomConfig(AppConfig):
    name = "showroom"
