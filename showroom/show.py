"""A batch as its page shows it."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.timezone import now

from accounts.models import User
from monitor.events import record
from showroom import rows
from showroom.models import BINS, Batch

# The drawing of the histogram; the template scales it to the page.
WIDTH, HEIGHT = 1000, 200


class Bar(NamedTuple):
    """One bin of the score histogram, in the units of its drawing.

    Before all of its rows stand those that fit the filters.
    """

    low: float
    high: float
    n: int
    of: int
    x: float
    width: float
    y: float
    height: float
    y_of: float
    height_of: float


def shown(batch: Batch, *, by: User) -> None:
    """Note the first display of a finished batch, once."""
    if batch.is_under_way or batch.shown_at:
        return
    with transaction.atomic():
        first = Batch.objects.filter(pk=batch.pk, shown_at=None)
        if first.update(shown_at=now()):
            record("batch.shown", about=str(batch), who=by)


def bars(batch: Batch, wanted: Mapping[str, Any] | None = None) -> list[Bar]:
    """The score histogram; heights grow with the logarithm, as most scores are low."""
    total = rows.counts(batch)
    fitting = rows.counts(batch, wanted)
    top = math.log10(1 + max(*total, 1))
    heights = [
        [round(HEIGHT * math.log10(1 + count) / top, 1) for count in counts]
        for counts in (fitting, total)
    ]
    width = WIDTH / BINS
    return [
        Bar(
            low=place / BINS,
            high=(place + 1) / BINS,
            n=n,
            of=of,
            x=place * width,
            width=width - 2,
            y=HEIGHT - height,
            height=height,
            y_of=HEIGHT - height_of,
            height_of=height_of,
        )
        for place, (n, of, height, height_of) in enumerate(
            zip(fitting, total, *heights, strict=True)
        )
    ]
