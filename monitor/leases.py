"""One holder at a time: a lease is taken by one UPDATE and its row count believed."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from monitor.models import Lease

PUT_BACK = timedelta(minutes=1)


@contextmanager
def hold(name: str, seconds: float) -> Iterator[bool]:
    """Yield whether the lease is ours; it is given back at the end."""
    now = timezone.now()
    holder = uuid.uuid4().hex
    Lease.objects.get_or_create(name=name, defaults={"holder": "", "until": now})
    until = now + timedelta(seconds=seconds)
    # One that ends much later was taken by a clock that has been put back since; a
    # little later, by who looked at the clock after us and was quicker to write.
    free = Q(until__lte=now) | Q(until__gt=until + PUT_BACK)
    lease = Lease.objects.filter(free, name=name)
    held = lease.update(holder=holder, until=until) == 1
    try:
        yield held
    finally:
        if held:
            # Not ours any more if it ran out meanwhile: then nothing is touched.
            Lease.objects.filter(name=name, holder=holder).update(until=now)
