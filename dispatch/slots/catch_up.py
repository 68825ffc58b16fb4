"""Which of the slots that were missed run later, by their schedule's policy."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Self

from django.db.models import QuerySet

from dispatch.models import Schedule, Slot
from dispatch.slots import words
from monitor.models import Switch

_Outcome = Slot.Outcome


class Fate(NamedTuple):
    """What is to become of one slot, and what proves it."""

    pk: int
    at: datetime
    outcome: Slot.Outcome
    evidence: str

    def becomes(self, outcome: Slot.Outcome, why: str = "") -> Self:
        """Another outcome, by the policy; what was proven stays."""
        evidence = words.fit(f"{self.evidence} {why}")
        return self._replace(outcome=outcome, evidence=evidence)


def plan(schedule: Schedule, missed: Sequence[Fate]) -> list[Fate]:
    """What the policy makes of missed slots, the oldest first."""
    if missed and schedule.catch_up == Schedule.CatchUp.LAST:
        return _last(schedule, missed)
    if missed and schedule.catch_up == Schedule.CatchUp.ALL:
        return _all(schedule.catch_up_most, missed)
    return list(missed)


def trim(schedule: Schedule, at: datetime) -> None:
    """Let no more wait than the policy allows: the oldest give way."""
    waiting = list(_waiting(schedule).order_by("-at"))
    if schedule.catch_up != Schedule.CatchUp.ALL:
        for slot in waiting[1:]:
            _end(slot, _Outcome.SUPERSEDED, words.slot_stands(waiting[0].at), at)
    else:
        for slot in waiting[schedule.catch_up_most :]:
            _end(slot, _Outcome.MISSED, _beyond(schedule.catch_up_most), at)


def pause(schedule: Schedule, off: Switch, at: datetime) -> None:
    """What waits is not made good while its schedule is paused."""
    for slot in _waiting(schedule):
        _end(slot, _Outcome.PAUSED, words.paused(off), at)


def _last(schedule: Schedule, missed: Sequence[Fate]) -> list[Fate]:
    runs = (_Outcome.WAITING, _Outcome.RAN, _Outcome.LATE)
    younger = schedule.slots.filter(outcome__in=runs, at__gt=missed[-1].at)
    last = younger.order_by("at").values_list("at", flat=True).last()
    stands = last or missed[-1].at
    return [
        fate.becomes(_Outcome.WAITING)
        if fate.at == stands
        else fate.becomes(_Outcome.SUPERSEDED, words.slot_stands(stands))
        for fate in missed
    ]


def _all(most: int, missed: Sequence[Fate]) -> list[Fate]:
    too_many, rest = missed[:-most], missed[-most:]
    return [
        *(fate.becomes(_Outcome.MISSED, _beyond(most)) for fate in too_many),
        *(fate.becomes(_Outcome.WAITING) for fate in rest),
    ]


def _beyond(most: int) -> str:
    return f"Beyond the limit of {most} that run later."


def _waiting(schedule: Schedule) -> QuerySet[Slot]:
    return schedule.slots.filter(outcome=_Outcome.WAITING)


def _end(slot: Slot, outcome: Slot.Outcome, why: str, at: datetime) -> None:
    """Stop a slot's waiting, unless a start has taken it meanwhile."""
    evidence = words.fit(f"{slot.evidence} {why}")
    waits = Slot.objects.filter(pk=slot.pk, outcome=_Outcome.WAITING)
    waits.update(outcome=outcome, evidence=evidence, settled_at=at)
