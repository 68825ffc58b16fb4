"""The wiring, as Django sees it."""

from django.apps import AppConfig

from pulsarsite import (
    build,
    checks,  # noqa: F401  # its import registers them
)


class PulsarsiteConfig(AppConfig):
    name = "pulsarsite"

    def ready(self) -> None:
        from monitor import metrics  # noqa: PLC0415  # its models need every app first

        metrics.declare(build.build)
