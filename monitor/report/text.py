"""The night report as plain text, for a mail that shows nothing else."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.templatetags.times import NOTHING, duration
from monitor.report.sections import Section, Table, Value, listed
from monitor.report.write import Report, absolute


def text(report: Report) -> str:
    """The whole report; times are shown in the zone that is active."""
    return "\n".join(_lines(report)) + "\n"


def plainly(value: Value) -> str:
    """A value as it reads in a line of text."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, timedelta):
        return duration(value)
    return f"{value:,}".replace(",", " ") if isinstance(value, int) else value


def _lines(report: Report) -> Iterator[str]:
    yield f"{report.head}:" if report.needs else report.verdict
    for need in report.needs:
        yield f"  - {need.said}"
        if need.url:
            yield f"    {absolute(need.url)}"
    yield ""
    yield f"{report.title}: {report.period}"
    yield report.address
    for section in report.sections:
        yield from _section(section)


def _section(section: Section) -> Iterator[str]:
    yield ""
    yield section.title.upper()
    if section.facts:
        yield listed(f"{name} {plainly(value)}" for name, value in section.facts)
    if section.table:
        yield from _table(section.table)
    yield from filter(None, [section.note, "" if section.table else section.empty])


def _table(table: Table) -> Iterator[str]:
    rows = [[plainly(cell.value) for cell in row] for row in table.rows]
    columns = list(zip(table.head, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    for line in (table.head, *rows):
        cells = (
            cell.rjust(width) if name in table.numbers else cell.ljust(width)
            for name, cell, width in zip(table.head, line, widths, strict=True)
        )
        yield f"  {'  '.join(cells)}".rstrip()
    if table.more:
        yield f"  {table.more}"
