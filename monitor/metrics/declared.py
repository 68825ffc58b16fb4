"""Who knows numbers for /metrics."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client import Metric

# Asks the database when it is called, and says what it found.
Collector = Callable[[], "Iterable[Metric]"]

PREFIX = "pulsarsite_"

declared: list[Collector] = []


def declare(collector: Collector) -> None:
    """Say in an AppConfig.ready() who knows further numbers."""
    if collector not in declared:
        declared.append(collector)
