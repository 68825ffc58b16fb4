"""`manage.py supervise`: what bin/serve becomes."""

import logging
import os
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from monitor.crontab import place
from monitor.processes import listen
from monitor.processes.supervise import Refused, Supervisor, read_procfile, sole

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Run the whole site in the foreground: web, workers and clock."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="Where to listen.")
        parser.add_argument(
            "--port", default=8000, type=_port, help="And on which port."
        )

    def handle(self, *, host: str, port: int, **options: Any) -> None:
        commands = read_procfile(settings.BASE_DIR / "Procfile")
        if settings.PULSAR.scheduler.mode == "host":
            del commands["clock"]
            warn_if_nothing_keeps_time()
        lock: Path = settings.PULSAR.storage.root / "serve.lock"
        environ = os.environ | _environ(host, port)
        supervisor = Supervisor(commands, cwd=settings.BASE_DIR, environ=environ)
        try:
            with sole(lock, f"pid {os.getpid()}, port {port}"):
                listen.claim(host, port)
                supervisor.run(self._greeting(host, port))
        except Refused as error:
            raise CommandError(str(error)) from error

    def _greeting(self, host: str, port: int) -> Callable[[], bool]:
        def greet() -> bool:
            if not listen.answers(host, port):
                return False
            self.stdout.write(f"ready at {listen.address(host, port)}")
            self.stdout.flush()
            return True

        return greet


def warn_if_nothing_keeps_time() -> None:
    """Say at the start what would otherwise be noticed tomorrow."""
    if problem := place.problem():
        logger.warning("%s manage.py cron_install shows the way out.", problem)


def _port(text: str) -> int:
    port = int(text)
    if not 1 <= port <= 65535:
        raise ValueError
    return port


def _environ(host: str, port: int) -> dict[str, str]:
    """What the commands of the Procfile take from outside."""
    web = settings.PULSAR.web
    given = os.environ.get("PULSARSITE_HOSTS", "").split(",")
    return {
        "CONFIG_FILE": str(settings.CONFIG_FILE),
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}",
        "PULSARSITE_HOSTS": ",".join(filter(None, [*given, *listen.names(host)])),
        "BIND": f"{listen.bracketed(host)}:{port}",
        "WEB_WORKERS": str(web.workers),
        "WEB_THREADS": str(web.threads),
        "WEB_TIMEOUT": str(web.timeout_seconds),
    }
