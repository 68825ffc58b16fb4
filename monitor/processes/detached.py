"""Start one of our commands that outlives whoever wants it."""

import subprocess
import threading
from collections.abc import Mapping, Sequence

from django.conf import settings

from monitor.crontab.command import interpreter


def start(argv: Sequence[str], environ: Mapping[str, str] | None = None) -> int:
    """Start a command the way a line of the crontab does; its number as a process."""
    manage = [str(interpreter()), str(settings.BASE_DIR / "manage.py")]
    process = subprocess.Popen(  # noqa: S603  # a command of ours
        [*manage, "--config", str(settings.CONFIG_FILE), *argv],
        env=environ,
        stdin=subprocess.DEVNULL,
        # Its log goes where ours goes.
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    # Else it would stay in the table of processes until this one ends.
    threading.Thread(target=process.wait, daemon=True).start()
    return process.pid
