"""The app, as Django sees it."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "registry"
