"""Retrainings: from a trigger's shot to a challenger, and what an admin says of it."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from ninja import Router, Schema
from ninja.pagination import paginate

from accounts.programs.needs import Needs
from accounts.programs.paging import Pages
from accounts.requests import Request
from registry.api.given import Count, Reason
from registry.api.people import name_of
from registry.models import Retraining, Trigger
from registry.triggers.approve import approve, decline
from registry.views.retraining import retraining_or_404 as one

router = Router()
_looks = Needs("registry.view_trigger")
_decides = Needs("registry.change_alias")


class RetrainingOut(Schema):
    """How far it is: frozen, trained, compared, and then?"""

    id: int
    url: str
    trigger: int
    model: str
    policy: Trigger.Policy
    stage: Retraining.Stage
    # What it waits for, or how it ended.
    reason: str
    is_open: bool
    # Why the trigger fired.
    fired_by: str
    build: int | None
    training: int | None
    version: str | None
    comparison: int | None
    # Who promoted or declined its challenger, where a person did.
    by: str | None
    created_at: datetime
    ended_at: datetime | None

    @staticmethod
    def resolve_url(retraining: Retraining) -> str:
        return retraining.get_absolute_url()

    @staticmethod
    def resolve_trigger(retraining: Retraining) -> int:
        return retraining.trigger_id

    @staticmethod
    def resolve_is_open(retraining: Retraining) -> bool:
        return bool(retraining.open)

    @staticmethod
    def resolve_fired_by(retraining: Retraining) -> str:
        return retraining.decision.reason

    @staticmethod
    def resolve_build(retraining: Retraining) -> int | None:
        return retraining.build_id

    @staticmethod
    def resolve_training(retraining: Retraining) -> int | None:
        return retraining.run_id

    @staticmethod
    def resolve_version(retraining: Retraining) -> str | None:
        return str(retraining.version) if retraining.version else None

    @staticmethod
    def resolve_comparison(retraining: Retraining) -> int | None:
        return retraining.comparison_id

    @staticmethod
    def resolve_by(retraining: Retraining) -> str | None:
        return name_of(retraining.by)


class ApproveIn(Schema):
    """Why to go past the gate, where it does not let the challenger pass."""

    override: Reason = ""


class DeclineIn(Schema):
    """Why not; others read it."""

    reason: Reason


@router.get("", auth=_looks, response=list[RetrainingOut])
@paginate(Pages)
def list_retrainings(
    request: Request,
    trigger: Count | None = None,
    stage: Retraining.Stage | None = None,
) -> QuerySet[Retraining]:
    """All of them, the newest first."""
    asked: dict[str, Any] = {"trigger": trigger, "stage": stage}
    wanted = {name: value for name, value in asked.items() if value}
    found = Retraining.objects.select_related("decision", "version__model", "by")
    return found.defer("version__card").filter(**wanted)


@router.get("/{retraining}", auth=_looks, response=RetrainingOut)
def get_retraining(request: Request, retraining: int) -> Retraining:
    """One of them."""
    return one(retraining)


@router.post("/{retraining}/approve", auth=_decides, response=RetrainingOut)
def approve_retraining(
    request: Request, retraining: int, asked: ApproveIn
) -> Retraining:
    """Put its version into production, through the gate."""
    approve(one(retraining), by=request.user, override=asked.override)
    return one(retraining)


@router.post("/{retraining}/decline", auth=_decides, response=RetrainingOut)
def decline_retraining(
    request: Request, retraining: int, asked: DeclineIn
) -> Retraining:
    """Leave production as it is, and say why."""
    decline(one(retraining), by=request.user, reason=asked.reason)
    return one(retraining)
