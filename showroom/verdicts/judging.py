"""A row as it is put before somebody to be judged."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from accounts.models import User
from pulsar_ml.catalogue import Match
from registry.models.label import Word
from showroom.models import Batch, Verdict


class Choice(NamedTuple):
    """One button: the word, what it means, its key, and whether it is said now."""

    word: str
    means: str
    key: str
    is_said: bool


class Judging(NamedTuple):
    """All that the form of a verdict shows; see `_verdict_form.html`."""

    batch: Batch
    row: int
    own: Verdict | None
    choices: list[Choice]
    # The catalogue's names that fit; the first is filled in where nothing is said yet.
    pulsars: list[str]
    pulsar: str
    # Where one goes on, and in which order the queue had brought it.
    next: str
    order: str
    keys: Mapping[str, str]


def judging(
    batch: Batch,
    row: int,
    own: Verdict | None,
    *,
    matches: Sequence[Match] = (),
    keys: Mapping[str, str] = {},  # it never changes
    next: str = "",  # noqa: A002  # the field's name
    order: str = "",
) -> Judging:
    """What the form shows to somebody who says this of the row, or nothing yet."""
    said = own.word if own else ""
    choices = [
        Choice(word.value, word.label, keys.get(word.value, ""), word == said)
        for word in Word
    ]
    pulsars = list(dict.fromkeys(match.pulsar.name for match in matches))
    suggested = pulsars[0] if pulsars else ""
    return Judging(
        batch,
        row,
        own,
        choices,
        pulsars,
        own.pulsar if own else suggested,
        next,
        order,
        keys,
    )


def own_of(batch: Batch, numbers: Sequence[int], person: User) -> dict[int, Verdict]:
    """What a person says now of these rows."""
    mine = Verdict.objects.current().of_batch(batch).filter(person=person)
    found = mine.filter(candidate__row__in=list(numbers)).select_related("candidate")
    return {verdict.candidate.row: verdict for verdict in found}
