"""Triggers: what starts a retraining by itself, and what each has decided."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from ninja import Router, Schema, Status
from ninja.errors import HttpError
from ninja.pagination import paginate

from accounts.programs.needs import Needs
from accounts.programs.paging import Pages
from accounts.requests import Request
from registry.api.people import name_of
from registry.api.retrainings import RetrainingOut
from registry.api.trigger_in import TriggerChange, TriggerIn
from registry.models import Decision, Retraining, Trigger
from registry.triggers import evaluate, save
from registry.triggers.listing import last, live, next_look
from registry.triggers.words import sentence
from registry.views.retraining import retraining_or_404

router = Router()
_looks = Needs("registry.view_trigger")
_changes = Needs("registry.change_trigger")


class DecisionOut(Schema):
    """One look of a trigger: what it saw, and what followed."""

    id: int
    # The first and the last of looks in a row with the same outcome and reason.
    at: datetime
    last_at: datetime
    n: int
    outcome: Decision.Outcome
    reason: str
    figures: dict[str, Any]
    by: str | None

    @staticmethod
    def resolve_by(decision: Decision) -> str | None:
        return name_of(decision.by)


class TriggerOut(Schema):
    """A reason to retrain, and how it was at the last look."""

    id: int
    url: str
    name: str
    model: str
    kind: Trigger.Kind
    # When it fires, as a sentence; and as it is stored.
    words: str
    condition: dict[str, Any]
    is_on: bool
    policy: Trigger.Policy
    # How it trains; as the last training that succeeded, if empty.
    training: dict[str, Any]
    cool_down_hours: int
    daily_cap: int
    # Sent along with a change, so that it goes over nobody else's.
    revision: int
    last: DecisionOut | None
    # When it is looked at next; of the clock, its next moment.
    next: datetime | None
    since: datetime
    evaluated_at: datetime | None
    fired_at: datetime | None
    removed_at: datetime | None
    created_at: datetime
    by: str | None

    @staticmethod
    def resolve_url(trigger: Trigger) -> str:
        return trigger.get_absolute_url()

    @staticmethod
    def resolve_words(trigger: Trigger) -> str:
        return sentence(trigger)

    @staticmethod
    def resolve_last(trigger: Trigger) -> Decision | None:
        return last(trigger)

    @staticmethod
    def resolve_next(trigger: Trigger) -> datetime | None:
        return next_look(trigger, now())

    @staticmethod
    def resolve_by(trigger: Trigger) -> str | None:
        return name_of(trigger.by)


class TriggerSwitchIn(Schema):
    """Whether it is to be looked at."""

    on: bool


@router.get("", auth=_looks, response=list[TriggerOut])
def list_triggers(request: Request) -> QuerySet[Trigger]:
    """Those that nobody has removed, by name."""
    return live().select_related("by")


@router.post("", auth=Needs("registry.add_trigger"), response={201: TriggerOut})
def make_trigger(request: Request, asked: TriggerIn) -> Status[Trigger]:
    """Make one; the clock looks at it from the next minute on."""
    return Status(201, save.create(asked.values(), by=request.user))


@router.get("/{trigger}", auth=_looks, response=TriggerOut)
def get_trigger(request: Request, trigger: int) -> Trigger:
    """One of them; it may have been removed."""
    return get_object_or_404(Trigger.objects.select_related("by"), pk=trigger)


@router.put("/{trigger}", auth=_changes, response=TriggerOut)
def change_trigger(request: Request, trigger: int, asked: TriggerChange) -> Trigger:
    """Another reason, or another policy; what it has decided stays."""
    found = _live_or_404(trigger)
    save.change(found, asked.values(found), asked.revision, by=request.user)
    return _live_or_404(trigger)


@router.get("/{trigger}/decisions", auth=_looks, response=list[DecisionOut])
@paginate(Pages)
def list_decisions(request: Request, trigger: int) -> QuerySet[Decision]:
    """What it has decided and why, the newest first."""
    found = get_object_or_404(Trigger, pk=trigger)
    return found.decisions.select_related("by")


@router.post("/{trigger}/switch", auth=_changes, response=TriggerOut)
def switch_trigger(request: Request, trigger: int, asked: TriggerSwitchIn) -> Trigger:
    """Have it looked at, or not."""
    save.switch(_live_or_404(trigger), on=asked.on, by=request.user)
    return _live_or_404(trigger)


@router.post("/{trigger}/press", auth=_changes, response={202: RetrainingOut})
def press_trigger(request: Request, trigger: int) -> Status[Retraining]:
    """Retrain now, if nothing holds it back."""
    decision = evaluate.press(_live_or_404(trigger), by=request.user)
    if decision.outcome != Decision.Outcome.FIRED:
        raise HttpError(409, f"Nothing was started. {decision.reason}")
    return Status(202, retraining_or_404(decision.retraining.pk))


@router.delete("/{trigger}", auth=_changes, response={204: None})
def remove_trigger(request: Request, trigger: int) -> Status[None]:
    """Take it away; it can be brought back."""
    save.remove(_live_or_404(trigger), by=request.user)
    return Status(204, None)


@router.post("/{trigger}/restore", auth=_changes, response=TriggerOut)
def restore_trigger(request: Request, trigger: int) -> Trigger:
    """Bring it back."""
    save.restore(get_object_or_404(Trigger, pk=trigger), by=request.user)
    return _live_or_404(trigger)


def _live_or_404(pk: int) -> Trigger:
    return get_object_or_404(Trigger, pk=pk, removed_at=None)
