"""A digest instead of a flood: few single messages a channel, the rest in one."""

from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

from django.db import transaction
from django.db.models import Q

from monitor.models import Delivery
from monitor.telling import messages

MOST_SINGLE = 5
WINDOW = timedelta(minutes=10)
# The rest is in the list of alerts, to which the digest leads.
LONGEST = 200

_State, _What = Delivery.State, Delivery.What
SINGLES = (_What.OPENED, _What.RECOVERED)


def gather(at: datetime) -> list[int]:
    """Which of what waits may go as single messages; what is more is merged."""
    waiting = Delivery.objects.filter(
        state=_State.QUEUED, what__in=SINGLES, tries=0, next_at__lte=at
    )
    found = waiting.select_related("alert").order_by("channel", "pk")
    single: list[int] = []
    for number, group in groupby(found, key=attrgetter("channel_id")):
        rows, room = list(group), _room(number, at)
        single += [one.pk for one in rows[:room]]
        if more := rows[room:][:LONGEST]:
            _hold_back(number, more, at)
    return single


def _room(channel: int, at: datetime) -> int:
    """How many single messages may still go within this window."""
    tried = Delivery.objects.filter(channel=channel, what__in=SINGLES, tries__gt=0)
    lately = Q(sent_at__gt=at - WINDOW) | Q(created_at__gt=at - WINDOW)
    return max(0, MOST_SINGLE - tried.filter(lately).count())


def _hold_back(channel: int, more: list[Delivery], at: datetime) -> None:
    """Into a digest at once; but one that follows another waits its time."""
    digests = Delivery.objects.filter(channel=channel, what=_What.DIGEST)
    last = digests.order_by("-created_at").first()
    numbers = [one.pk for one in more]
    with transaction.atomic():
        waiting = Delivery.objects.filter(
            pk__in=numbers, state=_State.QUEUED, tries=0, next_at__lte=at
        )
        if last and at - last.created_at < WINDOW:
            waiting.update(next_at=last.created_at + WINDOW)
            return
        message = messages.digest(more)
        merged = Delivery.objects.create(
            channel_id=channel,
            what=_What.DIGEST,
            created_at=at,
            next_at=at,
            **message._asdict(),
        )
        if waiting.update(state=_State.MERGED, digest=merged) != len(more):
            # Somebody else gathers just now, and tells them.
            transaction.set_rollback(True)
