"""Make the labels that verdicts still lack."""

from django.db.models import Exists, OuterRef

from registry.labels.keep import patiently
from showroom.models import Verdict
from showroom.models.verdict import VerdictQuerySet
from showroom.verdicts.give import AT_ONCE
from showroom.verdicts.label import label


def settle() -> int:
    """Make them some at a time, as of a batch that was opened; how many there were."""
    n = last = 0
    while block := list(_lacking().filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
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
