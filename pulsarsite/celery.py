"""The workers' application: `celery -A pulsarsite worker -Q interactive`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pulsarsite.settings")

app = Celery("pulsarsite")
app.config_from_object("django.conf:settings.CELERY")
app.autodiscover_tasks()
