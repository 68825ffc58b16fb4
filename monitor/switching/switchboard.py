"""What a page needs to show the switch of a job, and who moved it when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from monitor import people
from monitor.clock.cron import Occurrence
from monitor.crontab import lines
from monitor.crontab.lines import CrontabError
from monitor.crontab.standing import Crontab, crontab
from monitor.models import Skip, Switch

_SWITCHES_SHOWN = 10
# Their addresses have these names in each app that has the switch on a page.
ACTS = ("pause", "resume", "skip", "unskip", "mend")


def shown(
    slug: str, slots: Sequence[Occurrence], at: datetime, *, since: datetime
) -> dict[str, Any]:
    """For the templates of the switch and of the line, as the crontab is now."""
    table = crontab()
    skips = Skip.objects.filter(job=slug, slot__gt=at).order_by("slot")
    switches = Switch.objects.filter(job=slug, at__gte=since)
    last = switches.order_by("-at", "-pk")[:_SWITCHES_SHOWN]
    return {
        "table": table,
        "found": table.found.get(slug),
        "wanted": _wanted(slug, table),
        "next": next((slot.at for slot in slots if slot.mark != "skipped"), None),
        "skips": skips,
        "left_out": {skip.slot for skip in skips},
        "switches": last,
        "names": people.names([*last, *skips]),
    }


def _wanted(slug: str, table: Crontab) -> str:
    if table.problem:
        return ""
    try:
        return lines.wanted(slug)
    except CrontabError:  # gone since the look just before
        return ""
