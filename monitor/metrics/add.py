"""Add to a number that only grows, in the caller's own transaction."""

from django.db import IntegrityError, transaction
from django.db.models import F

from monitor.figures.samples import key
from monitor.models import Tally


def add(name: str, n: float = 1, **labels: str) -> None:
    """Count something that the database is just being told anyway."""
    add_to(name, key(labels), n)


def add_to(name: str, labels: str, n: float) -> None:
    """Count under labels that are text already."""
    line = Tally.objects.filter(name=name, labels=labels)
    # An addition by the database: what others add meanwhile is not lost.
    if line.update(value=F("value") + n):
        return
    try:
        with transaction.atomic():
            Tally.objects.create(name=name, labels=labels, value=n)
    except IntegrityError:  # another process was first
        line.update(value=F("value") + n)
