"""The application that the workers run, loaded by who speaks to them."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from celery import Celery


def workers() -> "Celery":
    """Celery as this site has set it up; slow to load, and most send nothing."""
    app: Celery = import_string(settings.WORKERS)
    return app
