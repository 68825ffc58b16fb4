"""Say what a candidate is: one word a person and row, the earlier ones kept."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID, uuid4

from django.utils.timezone import now

from accounts.models import User
from monitor.events import record
from registry.labels.keep import patiently
from registry.labels.land import settle_all
from registry.models import Label
from showroom.models import Candidate, Verdict
from showroom.verdicts.label import label
from showroom.verdicts.told import told

# Said in one transaction; whoever has more says them in turn, as one act.
AT_ONCE = 200
# Whoever brings these tells of them in words of its own.
_TOLD_BY_OTHERS = frozenset({Label.Drawn.IMPORT, Label.Drawn.API})


class Said(NamedTuple):
    """What somebody says of a candidate; with no word, that they say nothing more."""

    word: str
    note: str = ""
    pulsar: str = ""
    harmonic: bool = False


class How(NamedTuple):
    """How the candidate came before their eyes."""

    drawn: Label.Drawn = Label.Drawn.PICKED
    order: str = ""


def give(
    candidates: Sequence[Candidate],
    said: Said | Sequence[Said],
    *,
    by: User,
    how: How = How(),  # noqa: B008  # it never changes
    act: UUID | None = None,
) -> list[Verdict]:
    """Keep what a person says of candidates of `judged`; undone, all go together.

    Only the verdicts that were new are given back: to say the same again is nothing.
    """
    # A file that has landed before must not take the place of what is said now.
    settle_all()
    words = [said] * len(candidates) if isinstance(said, Said) else said
    pairs = list(zip(candidates, words, strict=True))
    act = act or uuid4()
    return patiently(lambda: say(pairs, by=by, how=how, act=act))


def say(
    pairs: Sequence[tuple[Candidate, Said]], *, by: User, how: How, act: UUID
) -> list[Verdict]:
    """The same in the caller's own transaction, before which all was settled."""
    given = (_say(candidate, said, by, how, act) for candidate, said in pairs)
    new = [verdict for verdict in given if verdict]
    if how.drawn not in _TOLD_BY_OTHERS:
        for verdict in new:
            _tell(verdict, by)
    return new


def _say(
    candidate: Candidate, said: Said, by: User, how: How, act: UUID
) -> Verdict | None:
    standing = Verdict.objects.filter(candidate=candidate, person=by, current=True)
    # Locked where the database can: of two windows of one person one comes second.
    before = standing.select_for_update().first()
    if (_said(before) if before else Said("")) == said:
        return None
    standing.update(current=None)
    verdict = Verdict.objects.create(
        candidate=candidate,
        person=by,
        **said._asdict(),
        hash=candidate.hash,
        **how._asdict(),
        at=now(),
        act=act,
        before=before,
    )
    label(verdict)
    return verdict


def _said(verdict: Verdict) -> Said:
    return Said(*(getattr(verdict, field) for field in Said._fields))


def _tell(verdict: Verdict, by: User) -> None:
    about = f"row {verdict.candidate}"
    if verdict.word:
        record("verdict.given", about=about, who=by, **told(verdict))
    else:
        record("verdict.taken_back", about=about, who=by)
