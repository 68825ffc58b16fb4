"""Give a night's report to those who want it, once."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from monitor.clock.cron import clock_zone
from monitor.events import record
from monitor.models import Lease
from monitor.report.sections import Section
from monitor.report.text import plainly, text
from monitor.report.write import Report, absolute
from monitor.telling import tell

_KEY = "night report "
# So long a second start of the same night is known to be one.
KEPT = timedelta(days=400)


class GivenOut(Exception):
    """It was given out before; the message says when."""


def give_out(report: Report, at: datetime, *, again: bool = False) -> int:
    """Queue it for each channel that wants it; how many do."""
    mail = text_of(report), html_of(report), _data(report)
    with transaction.atomic():
        n_channels = tell.report(subject(report), *mail, at)
        # Without a channel nobody got it: who makes one may have it sent then.
        if n_channels:
            _once(report, at, again=again)
            record(
                "report.sent",
                about=f"night {report.night.day}",
                verdict=report.verdict,
                channels=n_channels,
            )
    return n_channels


def subject(report: Report) -> str:
    """What the mail is called."""
    return f"Night report {report.night.day}: {report.head[0].lower()}{report.head[1:]}"


def text_of(report: Report) -> str:
    """As text, with times in the clock's zone, which it names."""
    with timezone.override(clock_zone()):
        return text(report)


def html_of(report: Report) -> str:
    """As a mail that loads nothing from anywhere."""
    with timezone.override(clock_zone()):
        return render_to_string("monitor/report_mail.html", {"report": report})


def _once(report: Report, at: datetime, *, again: bool) -> None:
    """The key decides who is first; both or neither of it and the mail are kept."""
    sent, is_first = Lease.objects.get_or_create(
        name=f"{_KEY}{report.night.day}", defaults={"holder": "sent", "until": at}
    )
    if not is_first and not again:
        words = f"{sent.until.astimezone(clock_zone()):%Y-%m-%d %H:%M %Z}"
        raise GivenOut(f"It was given out at {words}.")
    Lease.objects.filter(name__startswith=_KEY, until__lt=at - KEPT).delete()


def _data(report: Report) -> dict[str, Any]:
    """As a program reads it."""
    return {
        "night": str(report.night.day),
        "since": report.night.since.isoformat(),
        "until": report.night.until.isoformat(),
        "verdict": report.verdict,
        "needs": [
            {"text": need.said, "url": absolute(need.url)} for need in report.needs
        ],
        "sections": [_section(section) for section in report.sections],
        "url": report.address,
    }


def _section(section: Section) -> dict[str, Any]:
    table = section.table
    rows = table.rows if table else []
    head = table.head if table else ()
    return {
        "title": section.title,
        "facts": {name: plainly(value) for name, value in section.facts},
        "rows": [
            dict(zip(head, (plainly(cell.value) for cell in row), strict=True))
            for row in rows
        ],
    }
