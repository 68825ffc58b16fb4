"""Look-ups in the templates of the Monitor: `{% load monitor_names %}`."""

import getpass
import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.templatetags.times import NOTHING, duration
from monitor.checks import told
from monitor.checks.told import Family
from monitor.clock.cron import Occurrence, clock_zone
from monitor.models import Alert, Check
from monitor.probes.steps import brief

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


_A_MOMENT = timedelta(seconds=1)

# Label and address; the first one's is the beginning of all others, and has the checks.
_TABS = (
    ("Overview", "monitor:index"),
    ("Jobs", "monitor:jobs"),
    ("Figures", "monitor:figures"),
    ("Alerts", "monitor:alerts"),
    ("Crontab", "monitor:crontab"),
    ("Night report", "monitor:report"),
    ("Events", "monitor:events"),
)


@register.inclusion_tag("monitor/_tabs.html")
def monitor_tabs(request: HttpRequest) -> dict[str, list[Tab]]:
    """The pages of the Monitor: `{% monitor_tabs request %}`."""
    (first, start), *others = [(label, reverse(name)) for label, name in _TABS]
    tabs = [Tab(label, url, request.path.startswith(url)) for label, url in others]
    return {"tabs": [Tab(first, start, not any(tab.active for tab in tabs)), *tabs]}


@register.filter
def named(names: Mapping[str, str], key: str) -> str:
    """What the mapping says of the key, or nothing."""
    return names.get(key, "")


@register.filter
def lasted(alert: Alert, at: datetime) -> timedelta:
    """How long it lasted, or has until now: `{{ alert|lasted:now }}`."""
    return max((alert.closed_at or at) - alert.begun_at, timedelta())


@register.filter
def ahead(at: datetime) -> str:
    """How long it is until then: in 3 h 05 min."""
    wait = at - timezone.now()
    return "now" if wait < timedelta(seconds=1) else f"in {duration(wait)}"


@register.filter
def ago(at: datetime | None) -> str:
    """How long it is since then: 12 s ago, 1 h 04 min ago."""
    if at is None:
        return "never"
    return f"{passed(at)} ago" if timezone.now() - at >= _A_MOMENT else "just now"


@register.filter
def passed(at: datetime) -> str:
    """How long it lasts by now: 12 s, 1 h 04 min."""
    seconds = max(0, round((timezone.now() - at).total_seconds()))
    # Whole ones: a page is not read to the tenth of a second.
    return f"{seconds} s" if seconds < 60 else duration(seconds)


@register.filter
def families(check: Check) -> list[Family]:
    """How each family of addresses of a host answers."""
    return told.families(check)


@register.filter
def instant(text: str) -> datetime:
    """The moment that a reading keeps as text."""
    return datetime.fromisoformat(text)


@register.filter
def plain_moment(at: datetime) -> str:
    """A time in the viewer's zone where no element can stand: within a drawing."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


@register.filter
def milliseconds(seconds: float) -> str:
    """A short time as databases are judged: 0.42 ms, 12 ms, 1.2 s."""
    return brief(seconds)


@register.filter
def percent(share: float | None) -> str:
    """99.98 %, and 100 % of nothing less than the whole."""
    if share is None:
        return NOTHING
    return "100 %" if share == 1 else f"{math.floor(share * 10_000) / 100:.2f} %"


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
