"""What undo and redo would do next, in words."""

from collections.abc import Sequence
from typing import NamedTuple

from accounts.models import User
from showroom.models import Verdict
from showroom.verdicts.undo import act_of, last_done, last_undone


class Step(NamedTuple):
    """An act of somebody in words, and the row or batch that it was on."""

    words: str
    url: str


class Steps(NamedTuple):
    """What somebody can undo, and what they can say again."""

    undo: Step | None
    redo: Step | None


def steps(person: User) -> Steps:
    """What the two buttons stand for just now."""
    return Steps(_step(last_done(person)), _step(last_undone(person)))


def step(act: Sequence[Verdict]) -> Step:
    """An act in words, of all its verdicts."""
    return _told(act[0], len(act))


def _step(verdict: Verdict | None) -> Step | None:
    return _told(verdict, act_of(verdict).count()) if verdict else None


def _told(verdict: Verdict, n: int) -> Step:
    candidate = verdict.candidate
    if n > 1:
        batch = candidate.batch
        return Step(f"{n:,} verdicts on {batch}", batch.get_absolute_url())
    where = f"row {candidate.row} of batch {candidate.batch_id}"
    return Step(f"{said(verdict)} on {where}", candidate.get_absolute_url())


def said(verdict: Verdict) -> str:
    """The word, or that there is none any more."""
    if verdict.word:
        return verdict.word
    before = verdict.before.word if verdict.before else ""
    return f"taking {before or 'a verdict'} back"
