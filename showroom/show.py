"""A batch as its page shows it."""

import math
from typing import NamedTuple

import numpy as np
from django.db import transaction
from django.utils.timezone import now

from accounts.models import User
from monitor.events import record
from showroom import scores
from showroom.models import BINS, Batch

# The drawing of the histogram; the template scales it to the page.
WIDTH, HEIGHT = 1000, 200


class Bar(NamedTuple):
    """One bin of the score histogram, in the units of its drawing."""

    low: float
    high: float
    n: int
    x: float
    y: float
    width: float
    height: float


def shown(batch: Batch, *, by: User) -> None:
    """Note the first display of a finished batch, once."""
    if batch.is_under_way or batch.shown_at:
        return
    with transaction.atomic():
        first = Batch.objects.filter(pk=batch.pk, shown_at=None)
        if first.update(shown_at=now()):
            record("batch.shown", about=str(batch), who=by)


def bars(batch: Batch) -> list[Bar]:
    """The score histogram; heights grow with the logarithm, as most scores are low."""
    counts = np.zeros(BINS, dtype=int)
    for histogram in batch.chunks.values_list("histogram", flat=True):
        counts += np.array(histogram)
    if batch.day:
        cases = batch.predictions.values_list("probability", flat=True)
        counts += np.array(scores.histogram(np.array(cases)))
    top = math.log10(1 + max(counts.max(), 1))
    return [_bar(place, int(count), top) for place, count in enumerate(counts)]


def _bar(place: int, count: int, top: float) -> Bar:
    width = WIDTH / BINS
    height = round(HEIGHT * math.log10(1 + count) / top, 1)
    return Bar(
        low=place / BINS,
        high=(place + 1) / BINS,
        n=count,
        x=place * width,
        y=HEIGHT - height,
        width=width - 2,
        height=height,
    )
