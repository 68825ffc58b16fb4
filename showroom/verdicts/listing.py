"""The verdicts on a batch, newest first, page after page."""

from typing import Any, NamedTuple, cast

from django import forms

from accounts.models import User
from showroom.models import Batch, Verdict
from showroom.models.verdict import VerdictQuerySet
from showroom.verdicts.chosen import ME
from showroom.verdicts.fields import Judge, word_field

PAGE = 50


class ListForm(forms.Form):
    """Which verdicts a page is to list, and below which number it begins."""

    verdict = word_field(of_rows=False)
    judge = Judge()
    earlier = forms.BooleanField(required=False, label="Earlier and undone ones too")
    before = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("Judge", self.fields["judge"]).offer(self.data.get("judge", ""))


class Page(NamedTuple):
    """Some verdicts, and the number below which the next ones begin."""

    verdicts: list[Verdict]
    older: int | None


def page(batch: Batch, user: User, asked: dict[str, Any]) -> Page:
    """The newest that this person sees and asks for."""
    found = fitting(batch, user, asked)
    if asked["before"]:
        found = found.filter(pk__lt=asked["before"])
    found = found.select_related("person", "candidate", "before").order_by("-pk")
    listed = list(found.prefetch_related("corrections")[: PAGE + 1])
    more = len(listed) > PAGE
    return Page(listed[:PAGE], listed[PAGE - 1].pk if more else None)


def fitting(batch: Batch, user: User, asked: dict[str, Any]) -> VerdictQuerySet:
    """Those on a batch that this person sees and asks for, wherever a page begins."""
    found = Verdict.objects.of_batch(batch)
    if batch.blind:
        found = found.shown_to(user)
    if not asked["earlier"]:
        found = found.current()
    if asked["verdict"]:
        found = found.filter(word=asked["verdict"])
    if judge := asked["judge"]:
        found = found.filter(person=user.pk if judge == ME else int(judge))
    return found
