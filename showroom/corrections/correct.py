"""Say what a prediction should have been: a verdict, and a revision that stays."""

from typing import NamedTuple
from uuid import uuid4

from django.utils.timezone import now

from accounts.models import User
from monitor.events import record
from registry.labels.keep import patiently
from registry.labels.land import settle_all
from registry.models import Label
from registry.models.label import PULSARS, Word
from showroom.models import Candidate, Correction, Verdict
from showroom.verdicts import give
from showroom.verdicts.give import How

# As those judge who only say yes or no.
_WORDS = {True: Word.T1, False: Word.RFI}


class Expected(NamedTuple):
    """Whether it is a pulsar, how sure that is, and what else there is to say."""

    expected: bool
    confidence: float | None = None
    comment: str = ""


def correct(
    candidate: Candidate, said: Expected, *, by: User
) -> tuple[Correction, bool]:
    """Keep it for a candidate of `judged`; whether it is new, and not said before."""
    # A file that has landed before must not take the place of what is said now.
    settle_all()
    return patiently(lambda: _correct(candidate, said, by))


def _correct(candidate: Candidate, said: Expected, by: User) -> tuple[Correction, bool]:
    standing = Correction.objects.filter(candidate=candidate, by=by, current=True)
    # Locked where the database can: of two programs of one person one comes second.
    before = standing.select_for_update().first()
    if before and _said(before) == said:
        return before, False
    standing.update(current=None)
    correction = Correction.objects.create(
        candidate=candidate,
        by=by,
        **said._asdict(),
        revision=before.revision + 1 if before else 1,
        at=now(),
        verdict=_verdict(candidate, said, by),
    )
    record(
        "correction.received",
        about=f"prediction {candidate}",
        who=by,
        revision=correction.revision,
        **_told(correction),
    )
    return correction, True


def _said(correction: Correction) -> Expected:
    return Expected(*(getattr(correction, field) for field in Expected._fields))


def _verdict(candidate: Candidate, said: Expected, by: User) -> Verdict | None:
    """The person's word on the row, from now on this."""
    word = _WORDS[said.expected]
    words = [(candidate, give.Said(word, said.comment))]
    standing = Verdict.objects.current().filter(candidate=candidate, person=by).first()
    if standing and _says_more(standing, said):
        return standing
    given = give.say(words, by=by, how=How(Label.Drawn.API), act=uuid4())
    return given[0] if given else standing


def _says_more(verdict: Verdict, said: Expected) -> bool:
    """Whether the person has said the same by hand, in a better word."""
    is_by_hand = verdict.drawn != Label.Drawn.API
    return is_by_hand and (verdict.word in PULSARS) == said.expected


def _told(correction: Correction) -> dict[str, object]:
    """None of a private or a blind batch, for who reads the log is others."""
    candidate = correction.candidate
    if candidate.batch.private or candidate.batch.blind:
        return {}
    return {"expected": int(correction.expected), "predicted": int(candidate.predicted)}
