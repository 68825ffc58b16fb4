"""What machines read: numbers gathered over all processes, and their exposition."""

from monitor.metrics.declared import Collector, declare

__all__ = ["Collector", "declare"]
