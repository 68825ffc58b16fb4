"""A process that ends in the middle of its work, as a power cut would end it."""

import os
from collections.abc import Callable

from django.db import connections

CRASHED = 137


def killed_at(
    point: str, work: Callable[..., object], *arguments: object, **named: object
) -> int:
    """How a process ended that did this work and was to die at a step of it."""
    connections.close_all()
    pid = os.fork()
    if not pid:
        os.environ["PULSARSITE_CRASH_AT"] = point
        try:
            work(*arguments, **named)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
