"""Which version an alias named at any time, and for how long."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import OuterRef, Q, QuerySet, Subquery

from registry.models import AliasMove, Model


class Stay(NamedTuple):
    """A version while an alias named it."""

    move: AliasMove
    # None: it still does.
    until: datetime | None
    lasted: timedelta


def champion_at(
    model: Model, at: datetime, alias: str = "champion"
) -> AliasMove | None:
    """The last move by then; its `after` is the version."""
    return _moves(model, alias).filter(at__lte=at).first()


def stay_at(model: Model, alias: str, at: datetime, *, now: datetime) -> Stay | None:
    """What the alias named then, and until when."""
    move = champion_at(model, at, alias)
    if move is None:
        return None
    later = _moves(model, alias).filter(at__gt=at).last()
    return _stay(move, later.at if later else None, now)


def history(model: Model, alias: str) -> "QuerySet[AliasMove, Any]":
    """Every move, the newest first, with `until`, the time of the next."""
    # No window: a page of them would not know what comes behind its end.
    same = AliasMove.objects.filter(model=model, alias=alias)
    later = Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), pk__gt=OuterRef("pk"))
    following = same.filter(later).order_by("at", "pk").values("at")
    return _moves(model, alias).annotate(until=Subquery(following[:1]))


def stays(moves: Iterable[Any], *, now: datetime) -> list[Stay]:
    """What a part of the history is, line by line."""
    return [_stay(move, move.until, now) for move in moves]


def last_moves() -> QuerySet[AliasMove]:
    """Of every alias, the newest first, with what a line shows."""
    named = AliasMove.objects.select_related(
        "model", "before__model", "after__model", "by", "comparison"
    )
    # Cards are long, and no line shows one.
    short = named.defer("before__card", "after__card", "comparison__findings")
    return short.order_by("-at", "-pk")


def _moves(model: Model, alias: str) -> QuerySet[AliasMove]:
    return last_moves().filter(model=model, alias=alias)


def _stay(move: AliasMove, until: datetime | None, now: datetime) -> Stay:
    return Stay(move, until, (until or now) - move.at)
