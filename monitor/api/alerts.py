"""Alerts: what is live, what is over, why, and seeing to it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema
from ninja.pagination import paginate

from accounts.programs.needs import Needs
from accounts.programs.paging import Pages
from accounts.programs.values import Reason, Text
from accounts.requests import Request
from monitor.alerts import acknowledge as verbs
from monitor.alerts import listing
from monitor.alerts.explain import Row, explain
from monitor.models import Alert, Check, Delivery, Severity

router = Router()
_looks = Needs("monitor.view_check")
_sees_to = Needs("monitor.change_alert")


class AlertOut(Schema):
    """One cause that needs somebody, from its first sign to its end."""

    id: int
    url: str
    title: str
    # The slug of a check, or the name of a figure with its labels.
    cause: str
    state: Alert.State
    severity: Severity
    # The slug of the check that it is about.
    check: str | None
    # The number of the rule, and of the alert that explains this one.
    rule: int | None
    because: int | None
    begun_at: datetime
    opened_at: datetime
    told_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    note: str
    closed_at: datetime | None
    # Nobody, where it ended by itself.
    closed_by: str | None

    @classmethod
    def of(cls, alert: Alert, names: Mapping[str, str], **more: Any) -> Self:
        return cls(
            id=alert.pk,
            url=alert.get_absolute_url(),
            title=alert.title,
            cause=alert.cause,
            state=Alert.State(alert.state),
            severity=Severity(alert.severity),
            check=alert.subject.slug if alert.subject else None,
            rule=alert.rule_id,
            because=alert.because_id,
            begun_at=alert.begun_at,
            opened_at=alert.opened_at,
            told_at=alert.told_at,
            acknowledged_at=alert.acknowledged_at,
            acknowledged_by=names.get(alert.acknowledged_by),
            note=alert.note,
            closed_at=alert.closed_at,
            closed_by=names.get(alert.closed_by),
            **more,
        )


class EvidenceOut(Schema):
    """A value or a state that spoke for an alert, and when it was."""

    at: datetime
    value: str
    words: str


class MessageOut(Schema):
    """A message about an alert, and what became of it."""

    id: int
    channel: str
    what: Delivery.What
    state: Delivery.State
    created_at: datetime
    sent_at: datetime | None

    @staticmethod
    def resolve_channel(delivery: Delivery) -> str:
        return str(delivery.channel)


class OneAlertOut(AlertOut):
    """An alert with its reasons, what hangs on it, and who was told."""

    # The rule in words, as it was when it had its say.
    says: str
    # What was found: its name, its value, and what the rule wants.
    numbers: list[list[str]]
    rows: list[EvidenceOut]
    # Why it was closed.
    closed: str
    # How often it came again.
    again: int
    dependents: list[int]
    deliveries: list[MessageOut]


class NoteIn(Schema):
    """What others should know; it may be left out."""

    note: Text = ""


class ClosingIn(Schema):
    """Why it is closed by hand; others will wonder."""

    note: Reason


class AlertsWanted(Schema):
    """Which alerts are asked for."""

    state: Alert.State | None = None
    severity: Severity | None = None
    # Those that are not closed, or those that are.
    live: bool | None = None
    # Of what it is about.
    kind: Check.Kind | None = None
    check: str | None = Field(None, max_length=100, pattern=r"^[-a-zA-Z0-9_]+$")
    # In its title or its cause.
    text: str = Field("", max_length=100, pattern=r"^[^\x00]*$")

    def among(self, alerts: QuerySet[Alert]) -> QuerySet[Alert]:
        """Those of the alerts that are wanted."""
        wanted = listing.Wanted(self.state or "", self.severity or "", self.text)
        asked = {"subject__kind": self.kind, "subject__slug": self.check}
        alerts = alerts.filter(
            **{name: given for name, given in asked.items() if given}
        )
        if self.live is not None:
            alerts = alerts.filter(live=self.live or None)
        return wanted.among(alerts)


class _Told(Pages):
    """A page of them, with the names of all who saw to one."""

    def paginate_queryset(
        self,
        queryset: QuerySet[Any],
        pagination: Any,
        request: HttpRequest,
        **params: Any,
    ) -> Any:
        page = super().paginate_queryset(queryset, pagination, request, **params)
        alerts = page["results"]
        names = listing.names(alerts)
        return page | {"results": [AlertOut.of(alert, names) for alert in alerts]}


@router.get("", auth=_looks, response=list[AlertOut])
@paginate(_Told, ordering=("-opened_at", "-pk"))
def list_alerts(request: Request, wanted: Query[AlertsWanted]) -> QuerySet[Alert]:
    """Live ones and closed ones, the newest first."""
    return wanted.among(Alert.objects.select_related("subject"))


@router.get("/{alert}", auth=_looks, response=OneAlertOut)
def get_alert(request: Request, alert: int) -> OneAlertOut:
    """One of them: why, since when, what hangs on it, who was told."""
    return _whole(alert)


@router.post("/{alert}/acknowledge", auth=_sees_to, response=OneAlertOut)
def acknowledge_alert(
    request: Request, alert: int, given: NoteIn | None = None
) -> OneAlertOut:
    """Say that somebody sees to it."""
    found = get_object_or_404(Alert, pk=alert)
    verbs.acknowledge(found, request.user, given.note if given else "")
    return _whole(alert)


@router.post("/{alert}/close", auth=_sees_to, response=OneAlertOut)
def close_alert(request: Request, alert: int, given: ClosingIn) -> OneAlertOut:
    """End it by hand."""
    found = get_object_or_404(Alert, pk=alert)
    verbs.close(found, request.user, given.note)
    return _whole(alert)


def _whole(number: int) -> OneAlertOut:
    found = get_object_or_404(Alert.objects.select_related("subject"), pk=number)
    told = explain(found)
    return OneAlertOut.of(
        found,
        listing.names([found]),
        says=told.rule,
        numbers=told.numbers,
        rows=[
            EvidenceOut(at=row.at, value=row.value, words=row.words)
            for row in told.rows
        ],
        closed=told.closed,
        again=told.again,
        dependents=[alert.pk for alert in told.dependents],
        deliveries=[MessageOut.from_orm(one) for one in told.deliveries],
    )


def _evidence(row: Row) -> EvidenceOut:
    return EvidenceOut(at=row.at, value=row.value, words=row.words)
