"""Make a label of what somebody said of a row, or let an earlier one hold again."""

from datetime import datetime
from typing import Any, NamedTuple

from django.utils.timezone import now

from registry.models import Label


class Judged(NamedTuple):
    """A row of a batch as somebody judged it."""

    batch: int
    row: int
    name: str
    hash: str
    features: list[float]
    word: str
    drawn: str
    person: int
    at: datetime
    pointing: str
    observed: dict[str, Any]
    blind: bool
    # With which chance it was drawn, where chance decided.
    probability: float | None = None


def held(hash: str, person: int) -> Label | None:  # noqa: A002  # the field's name
    """What this person's label on a candidate says now."""
    return Label.objects.filter(hash=hash, person=person, current=True).first()


def judge(judged: Judged) -> Label:
    """Let this be what the person says, instead of whatever held before."""
    let_go(judged.hash, judged.person)
    return Label.objects.create(
        batch=judged.batch,
        row=judged.row,
        name=judged.name,
        hash=judged.hash,
        features=judged.features,
        verdict=judged.word,
        drawn=judged.drawn,
        person_id=judged.person,
        at=judged.at,
        pointing=judged.pointing,
        observed=judged.observed,
        blind=judged.blind,
        probability=judged.probability,
    )


def hold_again(label: Label) -> None:
    """Let a label hold that had been let go."""
    if label.person_id is not None:
        let_go(label.hash, label.person_id)
    Label.objects.filter(pk=label.pk).update(current=True, held_at=now())


def let_go(hash: str, person: int) -> None:  # noqa: A002
    """Let nothing be said of this candidate by this person."""
    Label.objects.filter(hash=hash, person=person, current=True).update(current=None)
