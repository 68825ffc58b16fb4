"""Have a message tried now, and do not wait for it."""

from django.db.models import Q
from django.utils.timezone import now

from monitor.models import Channel, Delivery
from monitor.processes import detached
from monitor.telling import tell

_State = Delivery.State


def test(channel: Channel) -> Delivery:
    """Send a channel a message of no weight; its outcome is seen in the list."""
    delivery = tell.trial(channel)
    begin()
    return delivery


def again(delivery: Delivery) -> bool:
    """Try one at once that waits or was given up; False if it has arrived meanwhile."""
    # What was never tried goes by itself, or waits for its digest.
    stuck = Q(state=_State.FAILED) | Q(state=_State.QUEUED, tries__gt=0)
    found = Delivery.objects.filter(stuck, pk=delivery.pk)
    if not found.update(state=_State.QUEUED, next_at=now()):
        return False
    begin()
    return True


def begin() -> None:
    """Send what is due in a process of its own; should it fail, the tick is next."""
    detached.start(["deliver"])
