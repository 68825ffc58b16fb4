"""What is said: short, the first line tells what, since when, and how grave."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from django.conf import settings
from django.urls import reverse
from django.utils.timezone import now

from accounts.templatetags.times import duration
from monitor.clock.cron import clock_zone
from monitor.models import Alert, Delivery, Severity

# As many as its column holds, and as a mail program shows.
LONGEST_SUBJECT = 200
_NUMBERS_TOLD = 10
_LOST = "The database does not answer"


class Message(NamedTuple):
    """One message, in the form of each kind of channel."""

    subject: str
    text: str
    # What a webhook is sent.
    body: dict[str, Any]
    html: str = ""


def opened(alert: Alert) -> Message:
    """Something broke."""
    first = f"{alert.title}, since {_clock(alert.begun_at)} ({alert.severity})"
    how = "To say that you see to it, open that page and choose “Acknowledge”."
    parts = [first, _why(alert), f"{link(alert)}\n{how}"]
    return _message(first, parts, "alert.opened", _data(alert))


def recovered(alert: Alert) -> Message:
    """It is over, and how long it took."""
    ended = alert.closed_at or now()
    first = f"Recovered: {alert.title}, after {duration(ended - alert.begun_at)}"
    times = f"From {_clock(alert.begun_at)} to {_clock(ended)}."
    return _message(first, [first, times, link(alert)], "alert.closed", _data(alert))


def digest(deliveries: Sequence[Delivery]) -> Message:
    """Many at once: how many, since when, and a line for each."""
    began = [one for one in deliveries if one.what == Delivery.What.OPENED]
    ended = [one for one in deliveries if one.what == Delivery.What.RECOVERED]
    since = min(one.created_at for one in deliveries)
    parts = [
        f"{len(began)} alert{'s' * (len(began) != 1)} opened" if began else "",
        f"{len(ended)} recovered" if ended else "",
    ]
    first = f"{', '.join(filter(None, parts))} since {_clock(since)}"
    lines = "\n".join(_line(one) for one in deliveries)
    data = {
        "since": since.isoformat(),
        "opened": len(began),
        "recovered": len(ended),
        "messages": [one.body for one in deliveries],
    }
    every = f"All of them: {address('monitor:alerts')}"
    return _message(first, [first, lines, every], "alert.digested", data)


def trial(name: str) -> Message:
    """What a person sends to see whether it arrives."""
    first = f"A test of “{name}”: messages arrive here"
    text = "Nothing is wrong. Somebody pressed “Test” on the page of the channels."
    return _message(first, [first, text], "channel.tested", {"channel": name})


def lost(since: datetime, at: datetime, why: str) -> Message:
    """The database is gone, and with it every page to which this could lead."""
    first = f"{_LOST}, since {_clock(since)} ({Severity.CRITICAL})"
    means = "Until it answers, no page opens, and nothing else can be told."
    data = _silence(since, at, {"rule": why})
    parts = [first, f"Why: {why}", means]
    return _message(first, parts, "alert.opened", data)


def back(since: datetime, at: datetime, until: datetime) -> Message:
    """The database answers again."""
    first = f"Recovered: {_LOST}, after {duration(until - since)}"
    times = f"From {_clock(since)} to {_clock(until)}."
    data = _silence(since, at, {}, until)
    link = address("monitor:index")
    return _message(first, [first, times, link], "alert.closed", data)


def report(subject: str, text: str, html: str, body: dict[str, Any]) -> Message:
    """A night report, as it was written."""
    return _message(subject, [text], "report.sent", body, html)


def link(alert: Alert) -> str:
    """Where an alert is seen, for somebody who is not on the site."""
    return f"{settings.PULSAR.site.address}{alert.get_absolute_url()}"


def address(name: str) -> str:
    """A page of the site, for somebody who is not on it."""
    return f"{settings.PULSAR.site.address}{reverse(name)}"


def _message(
    first: str, parts: list[str], kind: str, data: dict[str, Any], html: str = ""
) -> Message:
    site = settings.PULSAR.site
    text = "\n\n".join([*filter(None, parts), f"{site.name}, {site.address}\n"])
    body = {"type": kind, "timestamp": now().isoformat(), "data": data}
    return Message(_one_line(f"[{site.name}] {first}"), text, body, html)


def _one_line(text: str) -> str:
    """No title may begin a header of its own."""
    # What is no letter to a printer is none to a mail program either.
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    line = " ".join(plain.split())
    return line if len(line) <= LONGEST_SUBJECT else f"{line[: LONGEST_SUBJECT - 1]}…"


def _line(delivery: Delivery) -> str:
    # Nothing else is merged.
    alert = cast("Alert", delivery.alert)
    if delivery.what == Delivery.What.RECOVERED:
        lasted = duration((alert.closed_at or now()) - alert.begun_at)
        said = f"recovered: {alert.title}, after {lasted}"
    else:
        said = f"{alert.severity}: {alert.title}, since {_clock(alert.begun_at)}"
    return f"- {said}\n  {link(alert)}"


def _why(alert: Alert) -> str:
    """The rule, and the numbers that broke it."""
    evidence = alert.evidence
    numbers = evidence.get("numbers", [])[:_NUMBERS_TOLD]
    lines = [f"Why: {evidence['rule']}"] if evidence.get("rule") else []
    return "\n".join([*lines, *(_number(*number) for number in numbers)])


def _number(label: str, value: object, bound: object = None) -> str:
    limit = "" if bound in (None, "") else f" (bound: {bound})"
    return f"  {label}: {value}{limit}"


def _data(alert: Alert) -> dict[str, Any]:
    """An alert as a program reads it."""
    return {
        "id": alert.pk,
        "title": alert.title,
        "cause": alert.cause,
        "severity": alert.severity,
        "state": alert.state,
        "begun_at": alert.begun_at.isoformat(),
        "opened_at": alert.opened_at.isoformat(),
        "closed_at": alert.closed_at.isoformat() if alert.closed_at else None,
        "evidence": alert.evidence,
        "url": link(alert),
    }


def _silence(
    since: datetime,
    at: datetime,
    evidence: dict[str, Any],
    until: datetime | None = None,
) -> dict[str, Any]:
    """The same, of what is no row."""
    return {
        "id": None,
        "title": _LOST,
        "cause": "database-default",
        "severity": Severity.CRITICAL,
        "state": Alert.State.CLOSED if until else Alert.State.OPEN,
        "begun_at": since.isoformat(),
        "opened_at": at.isoformat(),
        "closed_at": until.isoformat() if until else None,
        "evidence": evidence,
        "url": address("monitor:index"),
    }


def _clock(at: datetime) -> str:
    """As the clock of this site shows it, whose zone is named."""
    return f"{at.astimezone(clock_zone()):%Y-%m-%d %H:%M %Z}"
