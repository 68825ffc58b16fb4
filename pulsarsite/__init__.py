"""The wiring: configuration, settings, addresses. No work is done here."""

from pulsarsite.celery import app

__all__ = ["app"]
