"""Aliases: which version each names, which it named at any time, and moving them."""

from datetime import datetime
from typing import Literal

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from ninja import Field, Router, Schema
from ninja.errors import HttpError
from ninja.pagination import paginate

from accounts.programs.needs import Needs
from accounts.programs.paging import Pages
from accounts.programs.values import Length, Moment
from accounts.requests import Request
from registry.api.given import Count, Reason, Slug
from registry.api.models import AliasOut, named
from registry.api.people import name_of
from registry.gate.latest import latest
from registry.models import Alias, AliasMove, Model, Version
from registry.promotion import history as past
from registry.promotion.challenge import challenge
from registry.promotion.history import Stay
from registry.promotion.promote import promote
from registry.promotion.prospect import Prospect, prospect
from registry.promotion.roll_back import roll_back as give_back
from registry.promotion.standing import standing

router = Router()
_looks = Needs("registry.view_version")
_moves = Needs("registry.change_alias")


class AliasMoveOut(Schema):
    """One move of an alias, and until when it stayed there."""

    id: int
    alias: str
    before: str | None
    after: str
    at: datetime
    # None: it still names it.
    until: datetime | None
    by: str | None
    reason: str
    # What the gate had found, and whether a person went past it.
    comparison: int | None
    is_override: bool

    @staticmethod
    def resolve_before(move: AliasMove) -> str | None:
        return str(move.before) if move.before else None

    @staticmethod
    def resolve_after(move: AliasMove) -> str:
        return str(move.after)

    @staticmethod
    def resolve_by(move: AliasMove) -> str | None:
        return name_of(move.by)

    @staticmethod
    def resolve_comparison(move: AliasMove) -> int | None:
        return move.comparison_id


class AliasStayOut(Schema):
    """Which version an alias names, or named at the time that was asked for."""

    alias: str
    version: str
    number: int
    since: datetime
    until: datetime | None
    lasted: Length
    by: str | None
    reason: str
    comparison: int | None
    is_override: bool

    @staticmethod
    def of(stay: Stay) -> "AliasStayOut":
        """As it stands in the history."""
        move = stay.move
        return AliasStayOut(
            alias=move.alias,
            version=str(move.after),
            number=move.after.number,
            since=move.at,
            until=stay.until,
            lasted=stay.lasted,
            by=name_of(move.by),
            reason=move.reason,
            comparison=move.comparison_id,
            is_override=move.is_override,
        )


class ProspectOut(Schema):
    """A version before the place that it may take."""

    version: str
    champion: str | None
    # When the champion came into production.
    since: datetime | None
    rollback: str | None
    # The gate's word that holds now; the attempt that is under way, or failed.
    comparison: int | None
    attempt: int | None
    # Why the gate does not let it pass; empty where it does.
    against: str
    may_be_overridden: bool

    @staticmethod
    def resolve_version(found: Prospect) -> str:
        return str(found.version)

    @staticmethod
    def resolve_champion(found: Prospect) -> str | None:
        return str(found.champion) if found.champion else None

    @staticmethod
    def resolve_rollback(found: Prospect) -> str | None:
        return str(found.rollback) if found.rollback else None

    @staticmethod
    def resolve_comparison(found: Prospect) -> int | None:
        return found.comparison.pk if found.comparison else None

    @staticmethod
    def resolve_attempt(found: Prospect) -> int | None:
        return found.attempt.pk if found.attempt else None


class AliasMoveIn(Schema):
    """Where to move an alias, and why."""

    version: Count
    reason: Reason = ""
    expected: Count | None = Field(
        None,
        description="Of the champion: refused if production is not there any more.",
    )
    override: bool = Field(
        default=False,
        description="Of the champion: past the gate, which takes a reason.",
    )


class RollBackIn(Schema):
    """Which version to take out of production, and why."""

    reason: Reason = ""
    expected: Count | None = Field(
        None, description="Refused if production is not there any more."
    )


@router.get("/{model}/versions/{version}/prospect", auth=_moves, response=ProspectOut)
def get_prospect(request: Request, model: Slug, version: int) -> Prospect:
    """What its promotion would change, and what the gate says of that now."""
    found = _versions(_model_or_404(model))
    return prospect(get_object_or_404(found, number=version), now())


@router.get("/{model}/aliases", auth=_looks, response=list[AliasOut])
def list_aliases(request: Request, model: Slug) -> QuerySet[Alias]:
    """Those of a model, by name."""
    return named().filter(model=_model_or_404(model))


@router.get("/{model}/aliases/{alias}", auth=_looks, response=AliasStayOut)
def get_alias(
    request: Request, model: Slug, alias: Slug, at: Moment | None = None
) -> AliasStayOut:
    """Which version it names; or named at a time."""
    return _stay(_model_or_404(model), alias, at)


@router.get("/{model}/aliases/{alias}/moves", auth=_looks, response=list[AliasMoveOut])
@paginate(Pages)
def list_moves(request: Request, model: Slug, alias: Slug) -> "QuerySet[AliasMove]":
    """Every move of it, the newest first."""
    return past.history(_model_or_404(model), alias)


@router.put("/{model}/aliases/{alias}", auth=_moves, response=AliasStayOut)
def move_alias(
    request: Request,
    model: Slug,
    alias: Literal["champion", "challenger"],
    asked: AliasMoveIn,
) -> AliasStayOut:
    """Promote a version through the gate, or make it the challenger."""
    found = _model_or_404(model)
    version = get_object_or_404(_versions(found), number=asked.version)
    if alias == "champion":
        _promote(request, version, asked)
    elif asked.override or asked.expected:
        raise HttpError(422, "Only the champion is moved past a gate.")
    else:
        challenge(version, by=request.user, reason=asked.reason)
    return _stay(found, alias)


@router.post("/{model}/roll-back", auth=_moves, response=AliasStayOut)
def roll_back(request: Request, model: Slug, asked: RollBackIn) -> AliasStayOut:
    """Give production back to the version that had it before."""
    found = _model_or_404(model)
    champion = _expected(found, asked.expected)
    if champion is None:
        raise HttpError(409, f"No version of {found} is in production.")
    give_back(found, by=request.user, reason=asked.reason, expected=champion)
    return _stay(found, "champion")


def _promote(request: Request, version: Version, asked: AliasMoveIn) -> None:
    if asked.override and not asked.reason.strip():
        raise HttpError(422, "Say why: it stays in the history.")
    champion = _expected(version.model, asked.expected)
    promote(
        version,
        by=request.user,
        comparison=latest(version, champion) if champion else None,
        expected=champion,
        override=asked.reason if asked.override else "",
        reason=asked.reason,
    )


def _expected(model: Model, number: int | None) -> Version | None:
    """What is in production; or what is to be there, as whoever asks has seen it."""
    if number is None:
        return standing(model, "champion")
    return get_object_or_404(_versions(model), number=number)


def _stay(model: Model, alias: str, at: datetime | None = None) -> AliasStayOut:
    moment = now()
    found = past.stay_at(model, alias, at or moment, now=moment)
    if found is None:
        raise Http404
    return AliasStayOut.of(found)


def _model_or_404(name: str) -> Model:
    return get_object_or_404(Model, name=name)


def _versions(model: Model) -> QuerySet[Version]:
    return model.versions.select_related("model")
