"""Keep the label on a candidate equal to what its person says of it."""

from registry.labels.judge import Judged, held, hold_again, judge, let_go
from registry.models import Label
from showroom.models import Batch, Candidate, DrawnRow, Verdict


def label(verdict: Verdict) -> None:
    """After a verdict was given, undone or redone, or its batch was opened."""
    if verdict.person_id is None:
        return
    if verdict.undone_at and verdict.displaced:
        hold_again(verdict.displaced)
        return
    standing, holds = _standing(verdict), held(verdict.hash, verdict.person_id)
    if standing is None:
        # What came from a file stays: no verdict has ever stood behind it.
        if holds and holds.batch is not None:
            let_go(verdict.hash, verdict.person_id)
    elif holds is None or standing.label_id != holds.pk:
        _speak(standing, holds)


def _standing(verdict: Verdict) -> Verdict | None:
    """The newest that the person says of the same features, in any open batch."""
    same = Verdict.objects.current().filter(
        person=verdict.person_id,
        hash=verdict.hash,
        candidate__batch__private=False,
    )
    return same.select_related("candidate", "label").order_by("-pk").first()


def _speak(standing: Verdict, holds: Label | None) -> None:
    if standing.label:
        hold_again(standing.label)
        return
    displaced = holds if holds and holds.batch is None else None
    # Locked where the database can: somebody may be making the batch blind.
    batch = Batch.objects.select_for_update().get(pk=standing.candidate.batch_id)
    made = judge(_judged(standing, standing.candidate, blind=batch.blind))
    Verdict.objects.filter(pk=standing.pk).update(label=made, displaced=displaced)


def _judged(verdict: Verdict, candidate: Candidate, *, blind: bool) -> Judged:
    return Judged(
        batch=candidate.batch_id,
        row=candidate.row,
        name=candidate.name,
        hash=candidate.hash,
        features=candidate.features or [],
        word=verdict.word,
        drawn=verdict.drawn,
        person=verdict.person_id or 0,
        at=verdict.at,
        pointing=candidate.pointing,
        observed=candidate.observed,
        blind=blind,
        probability=_chance(verdict, candidate),
    )


def _chance(verdict: Verdict, candidate: Candidate) -> float | None:
    """With which the row was drawn, if that brought it before their eyes."""
    if verdict.drawn != Label.Drawn.AUDIT:
        return None
    drawn = DrawnRow.objects.filter(candidate=candidate)
    return drawn.values_list("chance", flat=True).first()
