"""The night report, for programs."""

from datetime import date, datetime, timedelta

from django.utils import timezone
from ninja import Router, Schema

from accounts.programs.needs import Needs
from accounts.programs.values import iso, refusal
from accounts.requests import Request
from monitor.report.forms import NightForm
from monitor.report.night import NoSuchNight
from monitor.report.sections import Need, Section
from monitor.report.sections import Value as Told
from monitor.report.write import Report, write

router = Router()
_looks = Needs("monitor.view_check")
# A length of time is text, as in ISO 8601.
Value = str | int | datetime | None


class NeedOut(Schema):
    """Something that somebody should see to."""

    said: str
    url: str


class FactOut(Schema):
    """A name and its value."""

    name: str
    value: Value


class SectionOut(Schema):
    """What one app tells of a night."""

    title: str
    url: str
    told: str
    facts: list[FactOut]
    # Its table.
    head: list[str]
    rows: list[list[Value]]
    more: str
    note: str

    @classmethod
    def of(cls, section: Section) -> "SectionOut":
        table = section.table
        rows = table.rows if table else []
        return cls(
            title=section.title,
            url=section.url,
            told=section.told,
            facts=[FactOut(name=name, value=_told(v)) for name, v in section.facts],
            head=list(table.head) if table else [],
            rows=[[_told(cell.value) for cell in row] for row in rows],
            more=table.more if table else "",
            note=section.note,
        )


class ReportOut(Schema):
    """How a night was."""

    title: str
    url: str
    verdict: str
    since: datetime
    until: datetime
    is_over: bool
    needs: list[NeedOut]
    sections: list[SectionOut]

    @classmethod
    def of(cls, report: Report) -> "ReportOut":
        night = report.night
        return cls(
            title=report.title,
            url=report.page,
            verdict=report.verdict,
            since=night.since,
            until=night.until,
            is_over=night.is_over,
            needs=[_need(need) for need in report.needs],
            sections=[SectionOut.of(section) for section in report.sections],
        )


@router.get("/report", auth=_looks, response=ReportOut)
def get_report(request: Request, date: date | None = None) -> ReportOut:
    """The last 24 hours, or the night that ended on a day."""
    form = NightForm({"date": date})
    if form.is_valid():
        try:
            return ReportOut.of(write(form.night(timezone.now())))
        except NoSuchNight as error:
            form.add_error("date", str(error))
    raise refusal(form, "query")


def _need(need: Need) -> NeedOut:
    return NeedOut(said=need.said, url=need.url)


def _told(value: Told) -> Value:
    return iso(value) if isinstance(value, timedelta) else value
