"""What becomes of an alert: opened, raised, grouped, told, closed; by one UPDATE."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from monitor.alerts.evidence import evidence
from monitor.alerts.hold import Finding
from monitor.alerts.world import World
from monitor.events import record
from monitor.models import Alert, Channel, Rule, Severity
from monitor.telling import tell

# The same trouble, if it comes back so soon.
AGAIN = timedelta(minutes=15)
_GRAVITY = {Severity.WARNING: 0, Severity.CRITICAL: 1}
_LONGEST_TITLE = 200


def gravity(severity: str) -> int:
    """The more, the worse."""
    return _GRAVITY[Severity(severity)]


def open_one(held: Sequence[Finding], last: Alert | None, world: World) -> None:
    """Open an alert for a cause that has none; all that hold for it have a say."""
    worst = _worst(held)
    told = evidence(worst, world) | {"rules": _say(held)}
    if last and (times := _again(last, world.at)):
        told["again"] = times
    values = {
        "severity": worst.rule.severity,
        "title": worst.title[:_LONGEST_TITLE],
        "subject": worst.subject,
        "rule": worst.rule,
        "begun_at": worst.since,
        "opened_at": world.at,
        "evidence": told,
    }
    try:
        with transaction.atomic():
            alert = Alert.objects.create(cause=worst.cause, **values)
            about, said = f"alert {alert}", {"severity": alert.severity}
            record("alert.opened", about=about, rule=told["rule"], **said)
    except IntegrityError:
        # Another watch whose lease had run out was quicker.
        return


def _again(last: Alert, at: datetime) -> int:
    """How often it came back before it had been well for a while."""
    closed = last.closed_at
    if not last.evidence.get("recovered") or closed is None or at - closed >= AGAIN:
        return 0
    return int(last.evidence.get("again", 0)) + 1


def raise_it(alert: Alert, held: Sequence[Finding], world: World) -> None:
    """Let rules that hold since lately have their say: graver, or to others."""
    known = alert.evidence.get("rules", {})
    fresh = [one for one in held if _is_news(one.rule, known)]
    if not fresh:
        return
    values: dict[str, Any] = {
        "evidence": alert.evidence | {"rules": known | _say(fresh)}
    }
    worst = _worst(fresh)
    if gravity(worst.rule.severity) > gravity(alert.severity):
        values["severity"] = worst.rule.severity
        values["rule"] = worst.rule
        values["title"] = worst.title[:_LONGEST_TITLE]
        raised = {"raised": [world.at.isoformat(), alert.severity]}
        values["evidence"] |= evidence(worst, world) | raised
    with transaction.atomic():
        if _live(alert).filter(severity=alert.severity).update(**values):
            alert.refresh_from_db()
            if alert.told_at:
                tell.opened(alert, channels(fresh))


def group(alert: Alert, by: Alert | None) -> None:
    """Note what explains it, or that nothing does any more."""
    if alert.because_id != (by.pk if by else None) and _live(alert).update(because=by):
        alert.because = by


def tell_it(alert: Alert, held: Sequence[Finding], at: datetime) -> None:
    """Give out word of it, once."""
    with transaction.atomic():
        if _live(alert).filter(told_at=None).update(told_at=at):
            alert.told_at = at
            tell.opened(alert, channels(held))


def end(alert: Alert, at: datetime, words: str, *, recovered: bool) -> None:
    """Close it; only a recovery is told."""
    told = alert.evidence | {"closed": words, "recovered": recovered}
    values = {"live": None, "state": Alert.State.CLOSED, "closed_at": at}
    with transaction.atomic():
        if not _live(alert).update(**values, evidence=told):
            return
        alert.refresh_from_db()
        record("alert.closed", about=f"alert {alert}", reason=words)
        if recovered:
            tell.recovered(alert)


def channels(held: Iterable[Finding]) -> list[Channel]:
    """Whom these rules want to be told, each once."""
    rules = [one.rule for one in held]
    if any(rule.tells_all for rule in rules):
        return list(Channel.objects.filter(on=True))
    return list(Channel.objects.filter(on=True, rules__in=rules).distinct())


def _worst(held: Sequence[Finding]) -> Finding:
    return max(held, key=lambda one: (gravity(one.rule.severity), -one.rule.pk))


def _say(held: Iterable[Finding]) -> dict[str, str]:
    """Which rules had their say, and how grave they were."""
    return {str(one.rule.pk): str(one.rule.severity) for one in held}


def _is_news(rule: Rule, known: dict[str, str]) -> bool:
    before = known.get(str(rule.pk))
    return before is None or gravity(rule.severity) > gravity(before)


def _live(alert: Alert) -> Any:
    return Alert.objects.filter(pk=alert.pk, live=True)
