"""Undo what one said last, and say it again."""

from collections.abc import Callable

from django.db.models import Exists, Max, OuterRef
from django.utils.timezone import now

from accounts.models import User
from monitor.events import record
from registry.labels.keep import patiently
from registry.labels.land import settle_all
from registry.models import Label
from showroom.models import Verdict
from showroom.models.verdict import VerdictQuerySet
from showroom.verdicts.give import AT_ONCE
from showroom.verdicts.label import label
from showroom.verdicts.told import told


def undo(person: User) -> list[Verdict]:
    """Take away the person's last act, whatever row it was on; empty if none is left.

    What was said at once goes at once, some rows at a time: broken off, the next undo
    goes on with it.
    """
    last = last_done(person)
    if last is None:
        return []
    return _each(_done(person).filter(act=last.act).order_by("-pk"), _undo, person)


def redo(person: User) -> list[Verdict]:
    """Let the last act hold again that was undone, unless something was said since."""
    first = last_undone(person)
    if first is None:
        return []
    return _each(act_of(first).exclude(undone_at=None).order_by("pk"), _redo, person)


def last_done(person: User) -> Verdict | None:
    """The last verdict of what undo would take away."""
    return _with_row(_done(person)).order_by("-pk").first()


def last_undone(person: User) -> Verdict | None:
    """The first verdict of what redo would let hold again: of what was undone last."""
    return _with_row(_undone(person)).order_by("-undone_at", "pk").first()


def act_of(verdict: Verdict) -> VerdictQuerySet:
    """All that was said at once with this one."""
    return Verdict.objects.filter(person=verdict.person_id, act=verdict.act)


def _done(person: User) -> VerdictQuerySet:
    """Without what a program has corrected in their name, and what that replaced."""
    corrected = _standing(person).filter(
        candidate=OuterRef("candidate"), drawn=Label.Drawn.API, pk__gt=OuterRef("pk")
    )
    by_hand = _standing(person).exclude(drawn=Label.Drawn.API)
    return by_hand.exclude(Exists(corrected))


def _standing(person: User) -> VerdictQuerySet:
    return Verdict.objects.filter(person=person, undone_at=None)


def _undone(person: User) -> VerdictQuerySet:
    last = _standing(person).aggregate(last=Max("pk"))["last"] or 0
    return Verdict.objects.filter(person=person, pk__gt=last).exclude(undone_at=None)


def _with_row(verdicts: VerdictQuerySet) -> VerdictQuerySet:
    return verdicts.select_related("candidate__batch", "before")


def _each(
    verdicts: VerdictQuerySet, step: Callable[[Verdict], bool], person: User
) -> list[Verdict]:
    settle_all()
    found = list(verdicts.select_related("candidate__batch", "before", "displaced"))
    for first in range(0, len(found), AT_ONCE):
        block = found[first : first + AT_ONCE]
        patiently(lambda block=block: _all(block, step, person))  # type: ignore[misc]
    return found


def _all(block: list[Verdict], step: Callable[[Verdict], bool], person: User) -> None:
    done = [verdict for verdict in block if step(verdict)]
    if not done:
        return  # in another window, a moment ago
    kind = "verdict.undone" if step is _undo else "verdict.redone"
    about = f"row {done[0].candidate}"
    record(kind, about=about, who=person, rows=len(done), **told(done[0]))


def _undo(verdict: Verdict) -> bool:
    verdict.undone_at = now()
    mine = Verdict.objects.filter(pk=verdict.pk, undone_at=None)
    if not mine.update(undone_at=verdict.undone_at, current=None):
        return False
    if verdict.before:
        Verdict.objects.filter(pk=verdict.before.pk).update(current=True)
    label(verdict)
    return True


def _redo(verdict: Verdict) -> bool:
    verdict.undone_at = None
    mine = Verdict.objects.filter(pk=verdict.pk)
    if not mine.exclude(undone_at=None).update(undone_at=None):
        return False
    if verdict.before:
        Verdict.objects.filter(pk=verdict.before.pk).update(current=None)
    mine.update(current=True)
    label(verdict)
    return True
