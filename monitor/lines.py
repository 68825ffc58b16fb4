"""Puts the lines of the tick and of the declared jobs into our block."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from monitor import crontab, jobs
from monitor.clock import enabled


class NotEntered(Exception):
    """The tick's line is not where the clock would look for it."""


def file() -> Path:
    """Where the embedded clock has its block."""
    root: Path = settings.PULSAR.storage.root
    return root / "crontab"


def enter() -> None:
    """Make the block hold the tick, and each job that is not part of the tick."""
    # django-crontab fails half-way when it is talkative and a schedule has changed,
    # and leaves a pipe open: so it is silent, and a process of its own.
    add = [sys.executable, "manage.py", "crontab", "add", "-v", "0"]
    environ = os.environ | {"CONFIG_FILE": str(settings.CONFIG_FILE)}
    subprocess.run(add, cwd=settings.BASE_DIR, env=environ, check=True, timeout=60)  # noqa: S603  # our own command
    wanted = {
        slug: crontab.job_line(
            slug, job.cron, settings.BASE_DIR, settings.CONFIG_FILE, job.argv
        )
        for slug, job in jobs.declared.items()
        if not job.sweep
    }
    before = crontab.read(file())
    after = crontab.with_jobs(before, wanted)
    if after != before:
        crontab.install(file(), after)
    # It also ends well when it could not write.
    if not any(" crontab run " in line.command for line in enabled(after)):
        raise NotEntered(f"django-crontab left no line for the tick in {file()}.")
