"""Measured figures over time, kept for as long as somebody would look at them."""

from datetime import datetime, timedelta
from typing import Any

from monitor.models import Sample

KEPT = timedelta(days=90)


def put(name: str, value: float, *, at: datetime, **labels: Any) -> None:
    """Keep one figure."""
    Sample.objects.create(name=name, value=value, at=at, labels=labels)


def trim(at: datetime) -> None:
    """Forget what is too old to be looked at."""
    Sample.objects.filter(at__lt=at - KEPT).delete()
