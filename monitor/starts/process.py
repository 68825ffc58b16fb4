"""Is the process of a start still there, and what does it take of its machine?"""

import os
import socket
import time
from typing import NamedTuple

import psutil

from monitor.models import Start

# The kernel counts in hundredths of a second.
_SAME = 0.05


class Facts(NamedTuple):
    """A process at work, as its machine sees it."""

    host: str
    pid: int
    # Per cent of one processor, over its whole life.
    cpu: float
    # Bytes.
    memory: int
    # Seconds.
    age: float


def here() -> str:
    """This machine, as starts name it."""
    return socket.gethostname()[:100]


def born(pid: int | None = None) -> float | None:
    """Since when a process lives, in seconds after its machine began; or this one."""
    process = _process(os.getpid() if pid is None else pid)
    return _born(process) if process else None


def alive(start: Start) -> bool:
    """Whether its process is there, on this machine, and not another by its number."""
    return _of(start) is not None


def facts(start: Start) -> Facts | None:
    """What its process takes; None where it is gone, or works elsewhere."""
    process = _of(start)
    try:
        if process is None:
            return None
        # Since the machine began too, so that no step of its clock is in it.
        age = max(_SAME, time.time() - psutil.boot_time() - _born(process))
        used = process.cpu_times()
        share = 100 * (used.user + used.system) / age
        memory = process.memory_info().rss
    except psutil.Error:
        return None
    return Facts(start.host, start.pid, share, memory, age)


def _of(start: Start) -> psutil.Process | None:
    if start.host != here():
        return None
    process = _process(start.pid)
    try:
        # A child that nobody has asked about yet is in the table, and dead.
        if process is None or process.status() == psutil.STATUS_ZOMBIE:
            return None
        since = _born(process)
    except psutil.Error:
        return None
    is_it = start.process_at is None or abs(since - start.process_at) < _SAME
    return process if is_it else None


def _process(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.Error:
        return None


def _born(process: psutil.Process) -> float:
    # By the clock it would be another moment after each step of the clock.
    return float(process.create_time() - psutil.boot_time())
