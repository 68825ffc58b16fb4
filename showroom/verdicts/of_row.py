"""All that is said of one row, as far as a person sees it."""

from typing import NamedTuple

from accounts.models import User
from registry.models import Label
from showroom.models import Batch, Verdict
from showroom.models.verdict import VerdictQuerySet

# Revisions that a page lists.
_MOST = 200
_PRIVATE = "The batch is private: it becomes a label when the batch is opened."
_HELD = "It is a label, from which versions may learn."
_WITHDRAWN = "Its label was withdrawn on the Labels page; the verdict itself stays."
_REPLACED = "Your label on this candidate is {word}: {whence}."
_COMING = "It becomes a label within minutes."


class OfRow(NamedTuple):
    """One's own verdict, the others', and what was said before."""

    own: Verdict | None
    # What became of one's own.
    became: str
    others: list[Verdict]
    # Others' verdicts that are not shown before one's own.
    hidden: int
    earlier: list[Verdict]


def of_row(batch: Batch, row: int, user: User) -> OfRow:
    """What the page of a row says of verdicts."""
    every = Verdict.objects.of_batch(batch).filter(candidate__row=row)
    shown = list(_ready(every.shown_to(user)))
    now = [verdict for verdict in shown if verdict.current and verdict.word]
    own = next((verdict for verdict in now if verdict.person_id == user.pk), None)
    others = [verdict for verdict in now if verdict is not own]
    n_others = every.current().exclude(person=user).count() if not own else len(others)
    return OfRow(
        own,
        became(batch, own) if own else "",
        others,
        max(0, n_others - len(others)),
        [verdict for verdict in shown if verdict not in now],
    )


def became(batch: Batch, own: Verdict) -> str:
    """What has come of a verdict, in words."""
    if batch.private:
        return _PRIVATE
    held = Label.objects.current().filter(hash=own.hash, person=own.person_id).first()
    if held is None:
        return _WITHDRAWN if own.label_id else _COMING
    if held.pk == own.label_id:
        return _HELD
    whence = "you said that later" if held.batch else "it came from a file"
    return _REPLACED.format(word=held.verdict, whence=whence)


def _ready(verdicts: VerdictQuerySet) -> VerdictQuerySet:
    related = verdicts.select_related("person", "before")
    related = related.prefetch_related("corrections")
    return related.order_by("-pk")[:_MOST]
