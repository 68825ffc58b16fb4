"""How times, durations and numbers read on a page: `{% load times %}`."""

from datetime import UTC, datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

# Narrow and unbreakable: a number is one word.
THIN_SPACE = "\u202f"
NOTHING = "\u2013"
MJD_OF_1970 = 40587


@register.filter
def moment(value: datetime | None, precision: str = "minutes") -> SafeString | str:
    """A time in the viewer's zone; UTC and MJD on hover. Also |moment:"seconds"."""
    # A template gives an empty text for what it does not find.
    if value is None or value == "":
        return NOTHING
    utc = value.astimezone(UTC)
    # The zone is named once, in the page's footer.
    local = timezone.localtime(value).replace(tzinfo=None)
    mjd = MJD_OF_1970 + utc.timestamp() / 86_400
    return format_html(
        '<time datetime="{}" title="{} UTC · MJD {}">{}</time>',
        f"{utc:%Y-%m-%dT%H:%M:%SZ}",
        f"{utc:%Y-%m-%d %H:%M:%S}",
        f"{mjd:.5f}",
        local.isoformat(" ", precision),
    )


@register.filter
def grouped(number: float | None) -> str:
    """17 898, with a space that does not break."""
    return NOTHING if number is None else f"{number:,}".replace(",", THIN_SPACE)


@register.filter
def duration(value: timedelta | float | None) -> str:
    """The two units that matter: 1 h 04 min, 4 min 05 s, 12 s, 0.4 s."""
    if value is None or value == "":
        return NOTHING
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    if round(seconds, 1) < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours:02} h"
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
