"""Make the labels that verdicts still lack."""

from django.db.models import Exists, OuterRef

from registry.labels.keep import patiently
from showroom.models import Verdict
from showroom.models.verdict import VerdictQuerySet
from showroom.verdicts.label import label

# What a page waits for, and a tick of the sweeper: both end soon, however many lack.
A_PAGE, A_TICK = 200, 1_000
# In one transaction: for so long nobody else can say anything.
_TOGETHER = 25


def settle(most: int = A_PAGE) -> int:
    """Make so many of them, as of a batch that was opened; the next call goes on."""
    n = last = 0
    while n < most:
        found = _lacking().filter(pk__gt=last).order_by("pk")
        block = list(found[: min(_TOGETHER, most - n)])
        if not block:
            break
        patiently(lambda block=block: _all(block))  # type: ignore[misc]
        n, last = n + len(block), block[-1].pk
    return n


def _all(block: list[Verdict]) -> None:
    for verdict in block:
        label(verdict)


def _lacking() -> VerdictQuerySet:
    """What people say in open batches, and no label says for them."""
    there = Verdict.objects.current().filter(candidate__batch__private=False)
    # Of the same features in two batches the later word is the label.
    later = there.filter(
        person=OuterRef("person"), hash=OuterRef("hash"), pk__gt=OuterRef("pk")
    )
    unlabelled = there.filter(label=None).exclude(person=None)
    return unlabelled.exclude(Exists(later))
