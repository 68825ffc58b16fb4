"""Alerts as the page lists them: live ones as trees, closed ones newest first."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q, QuerySet

from accounts.models import User
from monitor.alerts.change import gravity
from monitor.models import Alert
from monitor.place import Place


class Line(NamedTuple):
    """A live alert and how deep it stands below what explains it."""

    alert: Alert
    depth: int


class Page(NamedTuple):
    """Some closed alerts, and where the next ones begin."""

    alerts: list[Alert]
    older: Place | None


class Wanted(NamedTuple):
    """Which alerts somebody wants to see; what is empty does not matter."""

    state: str = ""
    severity: str = ""
    text: str = ""

    def among(self, rows: QuerySet[Alert]) -> QuerySet[Alert]:
        """Those of the alerts that are wanted."""
        given = {"state": self.state, "severity": self.severity}
        rows = rows.filter(**{name: value for name, value in given.items() if value})
        about = Q(title__icontains=self.text) | Q(cause__icontains=self.text)
        return rows.filter(about) if self.text else rows


def live(wanted: Wanted = Wanted()) -> list[Line]:  # noqa: B008  # a value
    """All that are live, the worst first, each above what it explains."""
    rows = list(wanted.among(Alert.objects.filter(live=True)).select_related("rule"))
    shown = {alert.pk for alert in rows}
    below: dict[int | None, list[Alert]] = defaultdict(list)
    for alert in sorted(rows, key=_worst_first):
        below[alert.because_id if alert.because_id in shown else None].append(alert)
    lines = list(_tree(below, None, 0))
    # Of those that explain each other in a circle none is the first.
    return lines + [Line(alert, 0) for rest in below.values() for alert in rest]


def closed(wanted: Wanted, before: Place | None, size: int) -> Page:
    """The newest that are over, or the newest before a place."""
    rows = wanted.among(Alert.objects.filter(live=None)).select_related("because")
    if before:
        rows = rows.filter(opened_at__lte=before.at)
        rows = rows.exclude(opened_at=before.at, pk__gte=before.id)
    found = list(rows.order_by("-opened_at", "-pk")[: size + 1])
    more = len(found) > size
    last = found[size - 1] if more else None
    return Page(found[:size], Place(last.opened_at, last.pk) if last else None)


def names(alerts: Iterable[Alert]) -> dict[str, str]:
    """The names of those who acknowledged or closed these, by their numbers."""
    numbers = {who for alert in alerts for who in _people(alert) if who.isdecimal()}
    found = User.objects.filter(pk__in=numbers).values_list("pk", "username")
    return {str(number): name for number, name in found}


def _people(alert: Alert) -> tuple[str, str]:
    return alert.acknowledged_by, alert.closed_by


def _worst_first(alert: Alert) -> tuple[bool, int, datetime, int]:
    seen_to = alert.state == Alert.State.ACKNOWLEDGED
    return seen_to, -gravity(alert.severity), alert.begun_at, alert.pk


def _tree(
    below: dict[int | None, list[Alert]], root: int | None, depth: int
) -> Iterator[Line]:
    for alert in below.pop(root, ()):
        yield Line(alert, depth)
        yield from _tree(below, alert.pk, depth + 1)
