"""Alerts of a night: opened, closed, and those that are still live."""

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse

from monitor.models import Alert, Severity
from monitor.report.night import Night
from monitor.report.sections import (
    Cell,
    Need,
    Row,
    Section,
    Table,
    count,
    few,
    listed,
)

SHOWN = 6


def alerts(night: Night) -> Section:
    """What was told, and what is not over yet."""
    found = list(_of(night))
    opened = [alert for alert in found if alert.opened_at >= night.since]
    live = [alert for alert in found if _is_live(alert, night)]
    closed = len(found) - len(live)
    rows = [_row(alert, night) for alert in _worst_first(found, night)]
    shown, more = few(rows, SHOWN, "alerts")
    return Section(
        "Alerts",
        reverse("monitor:alerts"),
        told=_told(len(opened), closed),
        needs=tuple(_needs(live, night)),
        facts=(("Opened", len(opened)), ("Closed", closed), ("Live", len(live))),
        table=Table(_HEAD, shown, frozenset({"Lasted"}), more) if shown else None,
        empty="No alert was opened, and none was live.",
    )


_HEAD = ("Severity", "Alert", "Opened", "Lasted", "At the end")


def _of(night: Night) -> QuerySet[Alert]:
    """Those that were live at some moment of it."""
    not_over = Q(live=True) | Q(closed_at__gte=night.since)
    return Alert.objects.filter(not_over, opened_at__lt=night.until)


def _is_live(alert: Alert, night: Night) -> bool:
    return alert.closed_at is None or alert.closed_at >= night.until


def _is_seen_to(alert: Alert, night: Night) -> bool:
    """Whether somebody had said so when the night was over."""
    return alert.acknowledged_at is not None and alert.acknowledged_at < night.until


def _needs_somebody(alert: Alert, night: Night) -> bool:
    """Live, and nobody sees to it; what another explains is that one's."""
    is_own = alert.because_id is None
    return is_own and _is_live(alert, night) and not _is_seen_to(alert, night)


def _worst_first(found: list[Alert], night: Night) -> list[Alert]:
    """What needs somebody, then by severity, the newest first; causes before all."""

    def weight(alert: Alert) -> tuple[bool, bool, bool, float]:
        return (
            not _is_live(alert, night),
            alert.because_id is not None,
            alert.severity != Severity.CRITICAL,
            -alert.opened_at.timestamp(),
        )

    return sorted(found, key=weight)


def _needs(live: list[Alert], night: Night) -> list[Need]:
    """Each with its page, the worst first."""
    return [
        Need(alert.title.rstrip("."), alert.get_absolute_url())
        for alert in _worst_first(live, night)
        if _needs_somebody(alert, night)
    ]


def _told(opened: int, closed: int) -> str:
    if not opened and not closed:
        return ""
    return listed([count(opened, "new alert"), f"{closed} closed" if closed else ""])


def _row(alert: Alert, night: Night) -> Row:
    return (
        Cell(alert.get_severity_display().lower(), badge=alert.severity),
        Cell(alert.title, alert.get_absolute_url()),
        Cell(alert.opened_at),
        Cell(_lasted(alert, night)),
        Cell(_end(alert, night), is_bad=_needs_somebody(alert, night)),
    )


def _lasted(alert: Alert, night: Night) -> timedelta:
    ended = alert.closed_at
    return min(ended or night.until, night.until) - alert.begun_at


def _end(alert: Alert, night: Night) -> str:
    if not _is_live(alert, night):
        return "closed"
    if alert.because_id is not None:
        return "explained by another"
    return "acknowledged" if _is_seen_to(alert, night) else "open"
