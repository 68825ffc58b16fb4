"""A retraining as its page shows it: each step, and what came of it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from registry.models import Retraining
from registry.triggers.stage import Stage

_ORDER = (Stage.FREEZING, Stage.TRAINING, Stage.COMPARING)
_NAMES = {Stage.FREEZING: "Freeze", Stage.TRAINING: "Train", Stage.COMPARING: "Compare"}


class Shown(NamedTuple):
    """One step: waiting, now, done, broken or never; and what it has made."""

    name: str
    state: str
    words: str = ""
    made: Any = None
    at: datetime | None = None


def steps(retraining: Retraining) -> Iterator[Shown]:
    """From the trigger's shot to what became of the version."""
    why = retraining.decision.reason
    yield Shown("Fire", "done", why, at=retraining.decision.at)
    reached = _reached(retraining)
    for stage in _ORDER:
        made, words = _made(retraining, stage)
        state = _state(retraining, _ORDER.index(stage), reached)
        yield Shown(_NAMES[stage], state, words if state == "done" else "", made)
    yield _last(retraining)


def _reached(retraining: Retraining) -> int:
    """The step at work, or the one that broke; behind all of them, none is."""
    if retraining.stage in _ORDER:
        return _ORDER.index(Stage(retraining.stage))
    if retraining.stage != Stage.FAILED:
        return len(_ORDER)
    if retraining.version:
        return 2
    build = retraining.build
    return 0 if build and not build.dataset else 1


def _state(retraining: Retraining, place: int, reached: int) -> str:
    if place < reached:
        return "done"
    if place > reached:
        return "waiting" if retraining.open else "never"
    return "now" if retraining.open else "broken"


def _made(retraining: Retraining, stage: Retraining.Stage) -> tuple[Any, str]:
    if stage == Stage.FREEZING:
        build = retraining.build
        made = (build.dataset or build) if build else None
        return made, "" if build else "no label is new: the newest dataset as it is"
    if stage == Stage.TRAINING:
        return retraining.run, ""
    comparison = retraining.comparison
    if comparison is None:
        return None, "there was no champion to compare with"
    return comparison, comparison.get_outcome_display()


def _last(retraining: Retraining) -> Shown:
    if retraining.stage in _ORDER:
        return Shown("Decide", "waiting", retraining.get_policy_display())
    if retraining.stage == Stage.FAILED:
        return Shown("Decide", "never")
    state = "now" if retraining.stage == Stage.WAITING else "done"
    words = retraining.get_stage_display()
    return Shown("Decide", state, words, retraining.version, retraining.ended_at)
