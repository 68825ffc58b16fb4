"""The pulsars of the hold-out that a version does not call pulsars."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from registry.models import Label, Sentinel
from registry.models.label import LabelQuerySet

Json = Mapping[str, Any]


class Missed(NamedTuple):
    """One pulsar, with its place among the site's rows where somebody judged it."""

    name: str
    hash: str
    score: float
    observed: Mapping[str, object]
    batch: int | None
    row: int | None
    sentinel: bool

    @property
    def called(self) -> str:
        """Its name; a row without one goes by the beginning of its hash."""
        return self.name or self.hash[:12]


def missed(evaluation: Json) -> list[Missed]:
    """All of them, that with the lowest score first."""
    found = evaluation["missed"]
    hashes = [each["hash"] for each in found]
    places = {
        hashed: (b, r)
        for hashed, b, r in judged(hashes).values_list("hash", "batch", "row")
    }
    kept = set(
        Sentinel.objects.filter(hash__in=hashes, removed_at=None).values_list(
            "hash", flat=True
        )
    )
    pulsars = [
        Missed(
            each["name"],
            each["hash"],
            each["score"],
            each["observed"],
            *places.get(each["hash"], (None, None)),
            each["hash"] in kept,
        )
        for each in found
    ]
    return sorted(pulsars, key=lambda each: (each.score, each.name))


def judged(hashes: Collection[str]) -> LabelQuerySet:
    """What is said of them now, of each where it is a row of a batch."""
    # Not by `current()`, by whose index nearly all labels would be read.
    held = Label.objects.filter(hash__in=hashes, current=True)
    return held.filter(batch__isnull=False)


def columns(pulsars: list[Missed]) -> list[str]:
    """The observation columns that any of them has."""
    return list(dict.fromkeys(name for each in pulsars for name in each.observed))
