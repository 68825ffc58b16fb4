"""What was sent, newest first, and how each channel fared last."""

from typing import NamedTuple

from django.db.models import OuterRef, Subquery

from monitor.models import Channel, Delivery
from monitor.telling.mask import mask

PAGE = 50


class Line(NamedTuple):
    """A channel as it may be seen, with its last message."""

    channel: Channel
    address: str
    last: Delivery | None


class Page(NamedTuple):
    """Some of the messages, and whether there are older ones."""

    deliveries: list[Delivery]
    older: int | None


def channels() -> list[Line]:
    """All of them by name."""
    newest = Delivery.objects.filter(channel=OuterRef("pk")).order_by("-pk")
    found = Channel.objects.annotate(last=Subquery(newest.values("pk")[:1]))
    rows = list(found.order_by("name"))
    lasts = Delivery.objects.in_bulk([row.last for row in rows if row.last])
    return [Line(row, mask(row), lasts.get(row.last)) for row in rows]


def page(state: str, channel: Channel | None, before: int | None) -> Page:
    """Those that fit, from a place on."""
    found = Delivery.objects.select_related("channel", "alert").order_by("-pk")
    if state:
        found = found.filter(state=state)
    if channel:
        found = found.filter(channel=channel)
    if before:
        found = found.filter(pk__lt=before)
    rows = list(found.defer("text", "html", "body")[: PAGE + 1])
    return Page(rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None)
