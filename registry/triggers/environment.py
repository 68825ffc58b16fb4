"""Whether what came in last is at fault: no model learns its way out of that."""

from datetime import datetime

from django.conf import settings

from monitor.figures.declared import SINGLE
from monitor.models import Sample

# Shares of rows that could not be used, of the last upload or the last run.
SHARES = ("batch.reject_share", "run.reject_share")
# How many columns have changed, and how many checks of the data have failed.
COUNTS = {
    "input.schema_changes": "its columns have changed",
    "input.failed_checks": "a check of its data has failed",
}


def at_fault(at: datetime) -> str:
    """What is wrong with the newest input, in words; empty if nothing is."""
    most = settings.PULSAR.triggers.null_share
    for name in SHARES:
        share = _newest(name, at)
        if share is not None and share > most:
            which = name.partition(".")[0]
            return (
                f"In the last {which} {share:.0%} of the rows were rejected, more than "
                f"{most:.0%}: the input is at fault, not the model."
            )
    for name, words in COUNTS.items():
        if _newest(name, at):
            return f"The input is at fault, not the model: {words}."
    return ""


def _newest(name: str, at: datetime) -> float | None:
    found = Sample.objects.filter(name=name, at__lte=at, at__gt=at - SINGLE)
    return found.order_by("at", "pk").values_list("value", flat=True).last()
