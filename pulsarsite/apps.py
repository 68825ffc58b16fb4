"""The wiring, as Django sees it."""

from django.apps import AppConfig


class PulsarsiteConfig(AppConfig):
    name = "pulsarsite"
