"""The numbers that the monitor itself knows: how things were found at the last look."""

from typing import TYPE_CHECKING

from django.db.models import Count, Max, Min
from django.utils import timezone

from monitor.metrics.declared import PREFIX, declare
from monitor.models import Alert, Check, Outbox, Ping, Sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric
    from prometheus_client.core import GaugeMetricFamily

_IS_UP = (Check.State.UP, Check.State.STARTED, Check.State.GRACE)
_TOLD = (*_IS_UP, Check.State.DOWN)
# Older ones say nothing of now.
_FRESH_SECONDS = 300
_LATEST = {
    "storage_free_bytes": ("storage.free", "Bytes free where the site keeps its files"),
    "workers": ("workers.count", "Workers that answered"),
    "workers_tasks_active": ("workers.active", "Tasks at work"),
    "workers_tasks_queued": ("workers.queued", "Tasks that wait for a worker"),
}


def declare_ours() -> None:
    """Say which collectors are the monitor's own."""
    for collector in (_checks, _hosts, _outbox, _clock, _latest, _alerts):
        declare(collector)


def gauge(name: str, words: str, labels: tuple[str, ...] = ()) -> "GaugeMetricFamily":
    """A number that goes up and down, under the site's prefix."""
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415  # slow

    return GaugeMetricFamily(PREFIX + name, words, labels=labels)


def _checks() -> "Iterator[Metric]":
    up = gauge("check_up", "1 while it works, 0 while it is down", ("check",))
    grace = gauge("check_grace", "1 while it is late but not too late", ("check",))
    paused = gauge("check_paused", "1 while it is switched off", ("check",))
    looked = gauge("check_looked_timestamp_seconds", "The last look at it", ("check",))
    found = Check.objects.order_by("slug")
    for slug, state, at in found.values_list("slug", "state", "looked_at"):
        # Of what is new or switched off nobody knows.
        if state in _TOLD:
            up.add_metric([slug], state in _IS_UP)
        grace.add_metric([slug], state == Check.State.GRACE)
        paused.add_metric([slug], state == Check.State.PAUSED)
        if at:
            looked.add_metric([slug], at.timestamp())
    yield from (up, grace, paused, looked)


def _hosts() -> "Iterator[Metric]":
    up = gauge("host_up", "1 if it answers in this family", ("host", "family"))
    hosts = Check.objects.filter(kind=Check.Kind.HOST).order_by("name")
    for name, detail in hosts.values_list("name", "detail"):
        for family, side in detail.get("families", {}).items():
            # One that has no address in a family is not down in it.
            if side["addresses"] or side["verdict"] != "up":
                up.add_metric([name, family], side["verdict"] == "up")
    yield up


def _outbox() -> "Iterator[Metric]":
    waiting = Outbox.objects.aggregate(Count("pk"), Min("at"))
    events = gauge("outbox_events", "Events on their way to the log")
    events.add_metric([], waiting["pk__count"])
    age = gauge("outbox_age_seconds", "Age of the oldest of them")
    oldest = waiting["at__min"]
    now = timezone.now()
    age.add_metric([], max(0.0, (now - oldest).total_seconds()) if oldest else 0)
    yield from (events, age)


def _clock() -> "Iterator[Metric]":
    last = gauge("clock_last_sign_timestamp_seconds", "The clock's last sign of life")
    signs = Ping.objects.filter(slug__in=("clock", "tick"))
    newest = signs.aggregate(Max("started_at"))["started_at__max"]
    if newest:
        last.add_metric([], newest.timestamp())
    yield last


def _latest() -> "Iterator[Metric]":
    now = timezone.now()
    for name, (figure, words) in _LATEST.items():
        family = gauge(name, words)
        sample = Sample.objects.filter(name=figure, at__lte=now).order_by("at").last()
        if sample and (now - sample.at).total_seconds() < _FRESH_SECONDS:
            family.add_metric([], sample.value)
        yield family


def _alerts() -> "Iterator[Metric]":
    family = gauge("alerts", "Alerts that are not closed", ("severity", "state"))
    live = Alert.objects.filter(live=True).values_list("severity", "state")
    for severity, state, number in live.annotate(n=Count("pk")).order_by("severity"):
        family.add_metric([severity, state], number)
    yield family
