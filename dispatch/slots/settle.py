"""What became of slots that nothing has started in time, with its proof."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from django.db import transaction

from dispatch.models import Schedule, Slot
from dispatch.slots import catch_up
from dispatch.slots.catch_up import Fate
from dispatch.slots.causes import Causes
from dispatch.slots.ledger import pieces
from monitor.events import record
from monitor.switching import switch

_Outcome = Slot.Outcome


def settle(schedule: Schedule, at: datetime) -> int:
    """Give the slots that are due for too long their outcome; returns how many."""
    excuse(schedule, at, at, (_Outcome.PAUSED, _Outcome.WAITING))
    moments = _due(schedule, at - timedelta(seconds=schedule.start_within))
    off = switch.last(schedule.job, at)
    paused = off is not None and not off.on
    if moments:
        causes = Causes(schedule, moments[0][1], at)
        fates = [Fate(pk, moment, *causes.of(moment)) for pk, moment in moments]
        _settle(schedule, fates, at, catches_up=not paused)
    catch_up.trim(schedule, at)
    if off and paused:
        catch_up.pause(schedule, off, at)
    return len(moments)


def excuse(
    schedule: Schedule,
    before: datetime,
    at: datetime,
    among: Collection[Slot.Outcome],
) -> None:
    """Say at once of due slots what is known already, if it is among these.

    One that is skipped may still be started late, unless a younger one was.
    """
    if moments := _due(schedule, before):
        causes = Causes(schedule, moments[0][1], at)
        fates = [Fate(pk, moment, *causes.of(moment)) for pk, moment in moments]
        _write([fate for fate in fates if fate.outcome in among], at)


def _due(schedule: Schedule, before: datetime) -> list[tuple[int, datetime]]:
    due = schedule.slots.filter(outcome=_Outcome.DUE, at__lt=before)
    return list(due.order_by("at").values_list("pk", "at"))


def _settle(
    schedule: Schedule, fates: Sequence[Fate], at: datetime, *, catches_up: bool
) -> None:
    missed = [fate for fate in fates if fate.outcome == _Outcome.MISSED]
    planned = catch_up.plan(schedule, missed) if catches_up else missed
    becomes = {fate.pk: fate for fate in planned}
    for (outcome, why), group in groupby(fates, lambda fate: fate[2:]):
        gap = [becomes.get(fate.pk, fate) for fate in group]
        if outcome == _Outcome.MISSED:
            _tell(schedule, gap, at, why)
        else:
            _write(gap, at)


def _tell(schedule: Schedule, gap: Sequence[Fate], at: datetime, why: str) -> None:
    """Write down slots that were missed together: one event for all of them."""
    with transaction.atomic():
        # The first alone, and the event with it: the row count says who tells it.
        goes_on = _goes_on(schedule, gap, why)
        if _update(gap[:1], at) and not goes_on:
            record(
                "slot.missed",
                about=str(schedule),
                count=len(gap),
                first=f"{gap[0].at:%Y-%m-%dT%H:%MZ}",
                last=f"{gap[-1].at:%Y-%m-%dT%H:%MZ}",
                why=why,
            )
    _write(gap[1:], at)


def _goes_on(schedule: Schedule, gap: Sequence[Fate], why: str) -> bool:
    """Whether the slot before was missed for the same cause, and has been told of."""
    before = schedule.slots.filter(at__lt=gap[0].at).order_by("-at")
    proof = before.values_list("evidence", flat=True).first() or ""
    # A silence may be seen to end a little later by the next look.
    return proof.startswith(why.partition(" to ")[0])


def _write(fates: Sequence[Fate], at: datetime) -> None:
    for _, group in groupby(fates, lambda fate: fate[2:]):
        for piece in pieces(list(group)):
            _update(piece, at)


def _update(fates: Sequence[Fate], at: datetime) -> int:
    """Slots of one outcome and proof, if nothing has started them meanwhile."""
    if not fates:
        return 0
    still = Slot.objects.filter(
        pk__in=[fate.pk for fate in fates], outcome=_Outcome.DUE
    )
    return still.update(
        outcome=fates[0].outcome,
        evidence=fates[0].evidence,
        settled_at=None if fates[0].outcome == _Outcome.WAITING else at,
    )
