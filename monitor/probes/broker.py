"""Whether the broker takes and gives messages."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from kombu import Connection
from kombu.exceptions import KombuError

from monitor.models import Check
from monitor.probes.reading import Probe, Reading
from monitor.probes.steps import Steps
from monitor.workers import workers

SLUG = "broker"


def probe() -> Probe:
    """The one broker of the site."""
    return Probe(SLUG, Check.Kind.BROKER, "Broker", look)


def look() -> Reading:
    """Connect, and open a channel: only that is answered by the broker itself."""
    steps = Steps()
    deadline = settings.PULSAR.monitor.deadline_seconds
    connection = workers().connection_for_write(connect_timeout=deadline)
    detail = {"transport": connection.transport_cls}
    # Each transport has errors of its own.
    theirs: tuple[type[BaseException], ...] = (
        *connection.connection_errors,
        *connection.channel_errors,
        *(KombuError, OSError),
    )
    try:
        with connection:
            _ask(connection, steps)
    except theirs:
        return steps.failed(detail)
    return Reading(Check.State.UP, steps.summary, steps.detail | detail, steps.took)


def _ask(connection: Connection, steps: Steps) -> None:
    if connection.transport_cls == "filesystem":
        with steps.step("write"):
            for folder in _folders(connection):
                _write(folder)
        return
    with steps.step("connect"):
        # Left alone, it would wait two seconds before its second try.
        connection.ensure_connection(max_retries=1, interval_start=0)
    with steps.step("channel"):
        connection.channel()


def _folders(connection: Connection) -> Iterator[Path]:
    """Where messages lie, and where it is noted who wants them."""
    options: dict[str, Any] = connection.transport_options or {}
    for key in ("data_folder_in", "data_folder_out", "control_folder"):
        yield Path(options[key])


def _write(folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"?")
        file.flush()
        os.fsync(file.fileno())
