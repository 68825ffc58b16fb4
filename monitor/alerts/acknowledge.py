"""What a person does about an alert: says that it is seen to, or closes it."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from monitor.events import record
from monitor.models import Alert

LONGEST_NOTE = 300


class AlertError(Exception):
    """The alert is as it was; the message says why."""


def acknowledge(alert: Alert, by: User, note: str = "") -> None:
    """Say that somebody is at it; the watch goes on, and tells when it is well."""
    values = {
        "state": Alert.State.ACKNOWLEDGED,
        "acknowledged_at": timezone.now(),
        "acknowledged_by": str(by.pk),
        "note": _fit(note),
    }
    free = Alert.objects.filter(pk=alert.pk, live=True, state=Alert.State.OPEN)
    with transaction.atomic():
        if not free.update(**values):
            raise AlertError(_forestalled(alert))
        record("alert.acknowledged", about=f"alert {alert}", who=by, note=note)


def close(alert: Alert, by: User, note: str) -> None:
    """End it by hand; the same cause is an alert again when it breaks anew."""
    note = _fit(note)
    if not note:
        raise AlertError("A closing by hand needs a note: others will wonder.")
    with transaction.atomic():
        now = Alert.objects.filter(pk=alert.pk).values_list("evidence", flat=True)
        values = {
            "live": None,
            "state": Alert.State.CLOSED,
            "closed_at": timezone.now(),
            "closed_by": str(by.pk),
            "evidence": {**now.get(), "closed": note},
        }
        if not Alert.objects.filter(pk=alert.pk, live=True).update(**values):
            raise AlertError(_forestalled(alert))
        record("alert.closed", about=f"alert {alert}", who=by, reason=note)


def _fit(note: str) -> str:
    note = " ".join(note.split())
    if len(note) > LONGEST_NOTE:
        raise AlertError(f"A note has at most {LONGEST_NOTE} characters.")
    return note


def _forestalled(alert: Alert) -> str:
    """Who was first."""
    now = Alert.objects.get(pk=alert.pk)
    if now.live:
        return f"{_name(now.acknowledged_by)} acknowledged it before you."
    if now.closed_by:
        return f"{_name(now.closed_by)} closed it before you."
    reason: str = now.evidence.get("closed", "")
    return f"It was closed before you. {reason}".strip()


def _name(who: str) -> str:
    user = User.objects.filter(pk=who).first()
    return user.get_username() if user else "Somebody who has left"
