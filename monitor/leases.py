"""One holder at a time: a lease is taken by one UPDATE and its row count believed."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.utils import timezone

from monitor.models import Lease


@contextmanager
def hold(name: str, seconds: float) -> Iterator[bool]:
    """Yield whether the lease is ours; it is given back at the end."""
    now = timezone.now()
    holder = uuid.uuid4().hex
    Lease.objects.get_or_create(name=name, defaults={"holder": "", "until": now})
    free = Lease.objects.filter(name=name, until__lte=now)
    held = free.update(holder=holder, until=now + timedelta(seconds=seconds)) == 1
    try:
        yield held
    finally:
        if held:
            # Not ours any more if it ran out meanwhile: then nothing is touched.
            Lease.objects.filter(name=name, holder=holder).update(until=now)
