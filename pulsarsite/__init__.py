"""The wiring: configuration, settings, addresses. No work is done here."""

from pulsarsite.celery import app

__version__ = "0.1.0"

__all__ = ["app"]
