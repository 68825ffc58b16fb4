"""The wiring, as Django sees it."""

from django.apps import AppConfig

from pulsarsite import checks  # noqa: F401  # its import registers them


class PulsarsiteConfig(AppConfig):
    name = "pulsarsite"
