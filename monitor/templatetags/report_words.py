"""How a value of the night report reads: `{% load report_words %}`."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django import template
from django.utils.safestring import SafeString

from accounts.templatetags.times import NOTHING, duration, grouped, moment
from monitor.report.sections import Cell, Row, Value
from monitor.report.text import plainly
from monitor.report.write import absolute

register = template.Library()
register.filter(plainly)
register.filter(absolute)


@register.filter
def shown(value: Value) -> SafeString | str:
    """On a page: times in the viewer's zone, with UTC on hover."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, timedelta):
        return duration(value)
    return grouped(value) if isinstance(value, int) else value


@register.filter
def beside(names: Sequence[str], row: Row) -> list[tuple[str, Cell]]:
    """Each cell of a row with the heading of its column."""
    return list(zip(names, row, strict=True))
