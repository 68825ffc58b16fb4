"""The workers' application: `celery -A pulsarsite worker -Q interactive`."""

import os
import warnings

from celery import Celery
from celery.app.log import Logging
from celery.exceptions import SecurityWarning
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pulsarsite.settings")

# Root may run a worker: messages are JSON and hold a number, nothing is unpickled.
warnings.filterwarnings("ignore", category=SecurityWarning)


class SiteLogging(Logging):
    """Leaves the log as Django's settings have made it: JSON lines."""

    def setup_logging_subsystem(self, *_args: object, **_options: object) -> bool:
        return True


class Workers(Celery):
    """Celery, under our configuration and with our log."""

    log_cls = "pulsarsite.celery:SiteLogging"


app = Workers("pulsarsite")
# Not yet read: the settings import this package.
app.add_defaults(lambda: settings.CELERY)
app.autodiscover_tasks()
# By name: it has models, and the apps are not there yet.
app.steps["worker"].add("monitor.processes.heartbeat:Heartbeat")
