"""Comparisons: what would be won and lost if a version took another's place."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status
from ninja.pagination import paginate

from accounts.programs.needs import Needs
from accounts.programs.paging import Pages
from accounts.requests import Request
from monitor.work import State
from registry import serving
from registry.api.given import Reference
from registry.api.people import name_of
from registry.gate.ask import ask
from registry.gate.cancel import cancel
from registry.gate.latest import latest
from registry.models import Comparison

router = Router()
_looks = Needs("registry.view_version")
_asks = Needs("registry.add_comparison")
# Kept by what they name, and told by no list.
_LONG = ("candidate__card", "champion__card", "dataset__recipe", "dataset__columns")


class ComparisonOut(Schema):
    """Two versions held against each other, and how far that is."""

    id: int
    url: str
    candidate: str
    champion: str
    dataset: int | None
    state: State
    reason: str
    # Empty until the gate has spoken.
    outcome: str
    by: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @staticmethod
    def resolve_url(comparison: Comparison) -> str:
        return comparison.get_absolute_url()

    @staticmethod
    def resolve_candidate(comparison: Comparison) -> str:
        return str(comparison.candidate)

    @staticmethod
    def resolve_champion(comparison: Comparison) -> str:
        return str(comparison.champion)

    @staticmethod
    def resolve_dataset(comparison: Comparison) -> int | None:
        return comparison.dataset.number if comparison.dataset else None

    @staticmethod
    def resolve_by(comparison: Comparison) -> str | None:
        return name_of(comparison.by)


class ComparisonWhole(ComparisonOut):
    """With what the gate has found, and whether that still holds."""

    # Reasons, figures, slices, sentinels, rows that are called differently.
    findings: dict[str, Any]
    # What it was judged by has changed since; None until it was judged.
    is_outdated: bool | None

    @staticmethod
    def resolve_is_outdated(comparison: Comparison) -> bool | None:
        if comparison.state != State.SUCCESS:
            return None
        now = latest(comparison.candidate, comparison.champion)
        return now is None or now.inputs_sha256 != comparison.inputs_sha256


class PairIn(Schema):
    """Which two, as references such as pulsar/3 or models:/pulsar@challenger."""

    candidate: Reference
    champion: Reference | None = Field(
        None, description="What is in production of the candidate's model, if none."
    )


@router.get("", auth=_looks, response=list[ComparisonOut])
@paginate(Pages)
def list_comparisons(
    request: Request,
    state: State | None = None,
    outcome: Comparison.Outcome | None = None,
) -> QuerySet[Comparison]:
    """All of them, the newest first."""
    asked = {"state": state, "outcome": outcome}
    found = _comparisons().defer("findings", *_LONG)
    return found.filter(**{name: value for name, value in asked.items() if value})


@router.post("", auth=_asks, response={200: ComparisonWhole, 202: ComparisonWhole})
def ask_comparison(request: Request, asked: PairIn) -> Status[Comparison]:
    """Ask the gate; what it has found with the same inputs is given at once."""
    candidate = serving.find(asked.candidate)
    champion = serving.find(asked.champion or f"{candidate.model.name}@champion")
    made = ask(candidate, champion, by=request.user)
    return Status(202 if made.is_under_way else 200, _comparisons().get(pk=made.pk))


@router.get("/{comparison}", auth=_looks, response=ComparisonWhole)
def get_comparison(request: Request, comparison: int) -> Comparison:
    """One of them."""
    return get_object_or_404(_comparisons(), pk=comparison)


@router.post("/{comparison}/cancel", auth=_asks, response=ComparisonWhole)
def cancel_comparison(request: Request, comparison: int) -> Comparison:
    """Stop it."""
    cancel(get_object_or_404(Comparison, pk=comparison), by=request.user)
    return _comparisons().get(pk=comparison)


def _comparisons() -> QuerySet[Comparison]:
    return Comparison.objects.select_related(
        "candidate__model", "champion__model", "dataset", "by"
    )
