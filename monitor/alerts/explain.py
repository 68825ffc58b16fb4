"""Everything that the page of one alert says beside the alert itself."""

from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

from monitor.models import Alert, Check, Delivery, Flip

SHOWN = 50


class Row(NamedTuple):
    """A value or a state that spoke for the alert, and when it was."""

    at: datetime
    value: str
    words: str
    is_state: bool


class Raised(NamedTuple):
    """When a graver rule had its say, and how grave it was before."""

    at: datetime
    was: str


class Told(NamedTuple):
    """Why, what hangs on it, who heard of it, and how the thing was since."""

    rule: str
    numbers: list[Any]
    rows: list[Row]
    closed: str
    again: int
    raised: Raised | None
    dependents: list[Alert]
    deliveries: list[Delivery]
    flips: list[Flip]
    check: Check | None


def explain(alert: Alert) -> Told:
    """Read it, as it was kept when the rule had its say, and as it is now."""
    evidence = alert.evidence
    flips = Flip.objects.filter(subject=alert.subject_id).order_by("-at", "-pk")
    deliveries = alert.deliveries.select_related("channel").order_by("-pk")
    return Told(
        evidence.get("rule", ""),
        evidence.get("numbers", []),
        list(_rows(evidence.get("rows", []))),
        evidence.get("closed", ""),
        evidence.get("again", 0),
        _raised(*evidence.get("raised", ())),
        list(alert.dependents.order_by("begun_at", "pk")[:SHOWN]),
        list(deliveries[:SHOWN]),
        list(flips[:SHOWN]) if alert.subject_id else [],
        alert.subject,
    )


def _raised(at: str = "", was: str = "") -> Raised | None:
    return Raised(datetime.fromisoformat(at), was) if at else None


def _rows(rows: list[list[str]]) -> Any:
    for at, value, words in rows:
        with suppress(ValueError):
            yield Row(
                datetime.fromisoformat(at), value, words, value in Check.State.values
            )
