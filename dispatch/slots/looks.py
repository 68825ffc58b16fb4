"""How the outcomes of slots look: by sign and word, as colour alone says nothing."""

from collections.abc import Mapping
from typing import NamedTuple

from dispatch.models import Slot

_Outcome = Slot.Outcome


class Look(NamedTuple):
    """The sign of an outcome, and what it means."""

    outcome: str
    sign: str
    meaning: str


# The worst first: of many slots in one cell, that one is to be seen.
LOOKS = (
    Look(_Outcome.MISSED, "✕", "nothing started it"),
    Look(_Outcome.SKIPPED, "–", "a run was open, or a person left it out"),
    Look(_Outcome.LATE, "◷", "it ran, but later than it should"),
    Look(_Outcome.PAUSED, "‖", "the schedule was paused"),
    Look(_Outcome.WAITING, "…", "it will run as soon as it can"),
    Look(_Outcome.DUE, "…", "its time has come just now"),
    Look(_Outcome.SUPERSEDED, "»", "another slot stands for it"),
    Look(_Outcome.RAN, "✓", "it ran in time"),
)

OF = {look.outcome: look for look in LOOKS}


def worst(counts: Mapping[str, int]) -> Look | None:
    """The look of a cell with so many slots of each outcome."""
    return next((look for look in LOOKS if counts.get(look.outcome)), None)


def said(counts: Mapping[str, int]) -> str:
    """All of them in words: 2 missed, 58 ran."""
    return ", ".join(
        f"{counts[look.outcome]} {look.outcome}"
        for look in LOOKS
        if counts.get(look.outcome)
    )
