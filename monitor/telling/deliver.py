"""Send what is due, all at once, and say what became of each."""

import logging
import time
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils.timezone import now

from monitor.events import record
from monitor.models import Channel, Delivery
from monitor.telling import digest
from monitor.telling.outcome import Outcome
from monitor.telling.send import WITHIN, send

logger = logging.getLogger(__name__)

# Sending ends long before: when the lease has passed, its holder is dead.
LEASE = timedelta(minutes=1)
# After the first failure, the second, and so on; from then on the last.
WAITS = [timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60)]
GIVEN_UP = timedelta(hours=24)
AT_ONCE = 100

_State, _What = Delivery.State, Delivery.What


def deliver(at: datetime | None = None, within: float = WITHIN) -> int:
    """Try what is due and say how many arrived, within seconds whoever is slow."""
    at = at or now()
    _leave_out()
    single = digest.gather(at)
    begun = time.monotonic()
    taken = _take(single, at)
    arrived = 0
    for delivery, outcome in send(taken, within):
        after = timedelta(seconds=time.monotonic() - begun)
        arrived += _ended(delivery, outcome, at + after)
    return arrived


def _leave_out() -> None:
    """What waits for a channel that was switched off is not sent when it is back."""
    waiting = Delivery.objects.filter(state=_State.QUEUED, channel__on=False)
    numbers = waiting.exclude(what=_What.TEST).values_list("pk", flat=True)
    # Read first: MySQL updates no table that it joins to itself.
    Delivery.objects.filter(pk__in=list(numbers), state=_State.QUEUED).update(
        state=_State.FAILED, error="The channel was switched off."
    )


def _take(single: list[int], at: datetime) -> list[Delivery]:
    """Those that are due and that nobody else has taken in this very moment."""
    # What has come since the digest was made is counted the next time.
    free = Q(tries__gt=0) | Q(pk__in=single) | ~Q(what__in=digest.SINGLES)
    due = Delivery.objects.filter(free, state=_State.QUEUED, next_at__lte=at)
    found = due.select_related("channel").order_by("next_at", "pk")[:AT_ONCE]
    return [one for one in found if _is_ours(one, at)]


def _is_ours(delivery: Delivery, at: datetime) -> bool:
    seen = Delivery.objects.filter(
        pk=delivery.pk, state=_State.QUEUED, next_at=delivery.next_at
    )
    delivery.next_at = at + LEASE
    delivery.tries += 1
    return seen.update(next_at=delivery.next_at, tries=F("tries") + 1) == 1


def _ended(delivery: Delivery, outcome: Outcome, at: datetime) -> bool:
    """Write down what became of a try; whether it arrived."""
    ours = Delivery.objects.filter(
        pk=delivery.pk, state=_State.QUEUED, tries=delivery.tries
    )
    if outcome.arrived:
        ours.update(state=_State.SENT, sent_at=at, error="")
        return True
    logger.warning("Delivery %s did not arrive: %s", delivery.pk, outcome.words)
    with transaction.atomic():
        if outcome.gone:
            _switch_off(delivery.channel, outcome.words)
        if outcome.gone or _is_last(delivery, at):
            if ours.update(state=_State.FAILED, error=outcome.words):
                _give_up(delivery, outcome.words)
        else:
            wait = WAITS[min(delivery.tries, len(WAITS)) - 1]
            ours.update(error=outcome.words, next_at=at + wait)
    return False


def _is_last(delivery: Delivery, at: datetime) -> bool:
    """Whether it is of no use any more; a person who tests looks now, not later."""
    return delivery.what == _What.TEST or at - delivery.created_at >= GIVEN_UP


def _give_up(delivery: Delivery, words: str) -> None:
    """Whoever looks for what was never told finds it in the log."""
    if delivery.what != _What.TEST:
        record(
            "delivery.failed",
            about=f"channel {delivery.channel.name}",
            what=delivery.what,
            subject=delivery.subject,
            tries=delivery.tries,
            error=words,
        )


def _switch_off(channel: Channel, reason: str) -> None:
    """The receiver wants nothing more, and said so."""
    on = Channel.objects.filter(pk=channel.pk, on=True)
    if on.update(on=False, revision=F("revision") + 1):
        about = f"channel {channel.name}"
        record("channel.changed", about=about, on=False, reason=reason)
