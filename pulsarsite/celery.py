"""The workers' application: `celery -A pulsarsite worker -Q interactive`."""

import os
import warnings

from celery import Celery
from celery.exceptions import SecurityWarning
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pulsarsite.settings")

# Root may run a worker: messages are JSON and hold a number, nothing is unpickled.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("pulsarsite")
# Not yet read: the settings import this package.
app.add_defaults(lambda: settings.CELERY)
app.autodiscover_tasks()
