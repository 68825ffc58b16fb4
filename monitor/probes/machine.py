"""How much this machine has to do: load, processor, memory, swap."""

import os
from typing import Any

import psutil
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from monitor.models import Check
from monitor.probes.reading import Probe, Reading

SLUG = "machine"
# With less than this share of memory and swap left, the kernel soon kills somebody.
LEAST_MEMORY = 0.03
LEAST_SWAP = 0.1
# Between two readings of the processor's time; within less it says nothing.
LEAST_SECONDS = 1.0
# Where there was no reading before.
A_MOMENT = 0.1


def probe() -> Probe:
    """The machine on which the tick runs."""
    return Probe(SLUG, Check.Kind.MACHINE, "Machine", look)


def look() -> Reading:
    """Measure; only a lack of memory is a failure, since much work is none."""
    cores = psutil.cpu_count() or 1
    loads = [round(load / cores, 3) for load in os.getloadavg()]
    memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    processor = _counters()
    cpu = _busy(processor)
    used = 1 - memory.available / memory.total
    detail = {
        "cores": cores,
        "load_per_core": loads,
        "cpu": cpu,
        "memory": {"total": memory.total, "available": memory.available},
        "swap": {"total": swap.total, "free": swap.free},
        "uptime": round(timezone.now().timestamp() - psutil.boot_time()),
        "processor": processor,
    }
    figures = {"machine.load": loads[0], "machine.memory": used, "machine.cpu": cpu}
    shares = {"processor": cpu, "memory": used}
    full = [f"{name} {100 * n:.0f}\N{NO-BREAK SPACE}%" for name, n in shares.items()]
    words = ", ".join([f"load {loads[0]:.2f} a core", *full])
    if _is_exhausted(memory, swap):
        left = filesizeformat(memory.available)
        words = f"Memory is nearly used up: {left} left. {words}"
        return Reading(Check.State.DOWN, words, detail, figures=figures)
    return Reading(Check.State.UP, words, detail, figures=figures)


def _is_exhausted(memory: Any, swap: Any) -> bool:
    if memory.available >= LEAST_MEMORY * memory.total:
        return False
    return bool(swap.free <= LEAST_SWAP * swap.total)


def _counters() -> dict[str, float]:
    """Seconds of work and of all, since the machine was started."""
    times = psutil.cpu_times()
    # A guest's time stands in the user's too.
    total = sum(times) - getattr(times, "guest", 0) - getattr(times, "guest_nice", 0)
    idle = times.idle + getattr(times, "iowait", 0)
    return {"busy": round(total - idle, 2), "total": round(total, 2)}


def _busy(now: dict[str, float]) -> float:
    """The share of work since the last look, which this one's own hardly shows in."""
    details = Check.objects.filter(slug=SLUG).values_list("detail", flat=True)
    before = (details.first() or {}).get("processor")
    if before:
        total = now["total"] - before["total"]
        busy = now["busy"] - before["busy"]
        # After a new start of the machine it counts from nothing.
        if total >= LEAST_SECONDS and 0 <= busy <= total:
            return float(round(busy / total, 4))
    return round(psutil.cpu_percent(A_MOMENT) / 100, 4)
