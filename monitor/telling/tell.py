"""Queue what somebody should hear; it is sent later, and never from here."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import now

from monitor.models import Alert, Channel, Delivery, Severity
from monitor.telling import messages
from monitor.telling.messages import Message

_State, _What = Delivery.State, Delivery.What


def opened(alert: Alert, channels: Iterable[Channel]) -> int:
    """Tell those who want to know, each once, and again when it is graver."""
    told = _of(alert, _What.OPENED).values_list("channel", "body")
    knowing = {pk for pk, body in told if body["data"]["severity"] == alert.severity}
    wanted = [one for one in channels if one.pk not in knowing and _wants(one, alert)]
    # By the time of whoever looks, who sends as well: else it waits for the next.
    due = alert.told_at or now()
    message = messages.opened(alert)
    return _queue(wanted, _What.OPENED, message, alert=alert, next_at=due)


def recovered(alert: Alert) -> int:
    """Tell those who were told that it broke; how many will hear."""
    told = _of(alert, _What.OPENED).exclude(state=_State.FAILED)
    knowing = Channel.objects.filter(on=True, deliveries__in=told).distinct()
    message = messages.recovered(alert)
    for channel in knowing:
        due = alert.closed_at or now()
        word = _put(channel, _What.RECOVERED, message, alert=alert, next_at=due)
        # That it broke could not be said in time; the word that it is over says both.
        late = told.filter(channel=channel, state=_State.QUEUED)
        late.update(state=_State.MERGED, digest=word)
    return len(knowing)


def report(
    subject: str, text: str, html: str, body: dict[str, Any], at: datetime
) -> int:
    """Give out a night report to those who want it; how many will get it."""
    wanted = Channel.objects.filter(on=True, night_report=True)
    message = messages.report(subject, text, html, body)
    return _queue(wanted, _What.REPORT, message, created_at=at, next_at=at)


def trial(channel: Channel) -> Delivery:
    """See whether a message arrives."""
    return _put(channel, _What.TEST, messages.trial(channel.name))


def _of(alert: Alert, what: Delivery.What) -> QuerySet[Delivery]:
    return Delivery.objects.filter(alert=alert, what=what)


def _wants(channel: Channel, alert: Alert) -> bool:
    grave = alert.severity == Severity.CRITICAL
    return channel.on and (grave or channel.least == Severity.WARNING)


def _queue(
    channels: Iterable[Channel], what: Delivery.What, message: Message, **more: Any
) -> int:
    return len([_put(channel, what, message, **more) for channel in channels])


def _put(
    channel: Channel, what: Delivery.What, message: Message, **more: Any
) -> Delivery:
    given = {"created_at": now(), "next_at": now()} | message._asdict() | more
    return Delivery.objects.create(channel=channel, what=what, **given)
