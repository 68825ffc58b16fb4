"""Look-ups in the templates of the Monitor: `{% load monitor_names %}`."""

import getpass
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.templatetags.times import duration
from monitor.clock.cron import Occurrence, clock_zone

register = template.Library()


class KeptTime(NamedTuple):
    """Who starts the jobs, and by which clock."""

    zone: ZoneInfo
    user: str
    by_host: bool


class Tab(NamedTuple):
    """One page of the Monitor in its own navigation."""

    label: str
    url: str
    active: bool


# Label and address; the first one's is the beginning of all others.
_TABS = (("Events", "monitor:events"),)


@register.inclusion_tag("monitor/_tabs.html")
def monitor_tabs(request: HttpRequest) -> dict[str, list[Tab]]:
    """The pages of the Monitor: `{% monitor_tabs request %}`."""
    first = reverse("monitor:index")
    addresses = [(label, reverse(name)) for label, name in _TABS]
    return {
        "tabs": [
            Tab(
                label,
                url,
                request.path == url if url == first else request.path.startswith(url),
            )
            for label, url in addresses
        ]
    }


@register.filter
def named(names: Mapping[str, str], key: str) -> str:
    """What the mapping says of the key, or nothing."""
    return names.get(key, "")


@register.filter
def ahead(at: datetime) -> str:
    """How long it is until then: in 3 h 05 min."""
    wait = at - timezone.now()
    return "now" if wait < timedelta(seconds=1) else f"in {duration(wait)}"


@register.filter
def elsewhere(slots: Iterable[Occurrence]) -> bool:
    """Whether the viewer's clocks show another time at one of these slots."""
    real = [slot for slot in slots if slot.mark != "skipped"]
    return any(
        timezone.localtime(slot.at).utcoffset() != slot.local.utcoffset()
        for slot in real
    )


@register.simple_tag
def kept_time() -> KeptTime:
    """The clock of this site: `{% kept_time as clock %}`."""
    by_host = settings.PULSAR.scheduler.mode == "host"
    return KeptTime(clock_zone(), getpass.getuser(), by_host)
