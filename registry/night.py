"""Which version answered in a night, and what changed about the models."""

from django.db.models import QuerySet
from django.urls import reverse

from monitor.report.night import Night
from monitor.report.sections import (
    Cell,
    Need,
    Row,
    Section,
    Table,
    Value,
    count,
    few,
)
from registry.models import STAGES, AliasMove, Version
from registry.serving import DEFAULT_MODEL

SHOWN = 5
_HEAD = ("When", "Alias", "From", "To", "By", "Why")


def champion(night: Night) -> Section:
    """The version in production at the end, since when, and each move of an alias."""
    moves = AliasMove.objects.select_related("model", "after__model", "before", "by")
    mine = moves.filter(model__name=DEFAULT_MODEL, alias="champion")
    last = mine.filter(at__lt=night.until).order_by("-at", "-pk").first()
    changes = moves.filter(at__gte=night.since, at__lt=night.until)
    rows = [_row(move) for move in changes.order_by("-at", "-pk")[: 10 * SHOWN]]
    shown, more = few(rows, SHOWN, "moves")
    return Section(
        "Champion",
        last.after.get_absolute_url() if last else reverse(_VERSIONS),
        told=_told(changes),
        # One that came after the night needs nobody any more.
        needs=() if mine.exists() else (Need(_NONE, reverse(_VERSIONS)),),
        facts=_facts(night, last),
        table=Table(_HEAD, shown, more=more) if shown else None,
        note="" if shown else "No alias was moved.",
    )


_VERSIONS, _NONE = "registry:versions", "There is no champion"


def _told(changes: QuerySet[AliasMove]) -> str:
    n = changes.filter(model__name=DEFAULT_MODEL, alias="champion").count()
    return count(n, "new champion") if n else ""


def _facts(night: Night, last: AliasMove | None) -> tuple[tuple[str, Value], ...]:
    new = Version.objects.filter(
        created_at__gte=night.since, created_at__lt=night.until
    ).count()
    added = ("New versions", new)
    if last is None:
        return (("Version", "none"), added)
    return (("Version", str(last.after)), ("Champion since", last.at), added)


def _row(move: AliasMove) -> Row:
    return (
        Cell(move.at),
        Cell(STAGES.get(move.alias, move.alias)),
        Cell(str(move.before.number) if move.before else "–"),
        Cell(str(move.after), move.after.get_absolute_url()),
        Cell(move.by.username if move.by else "the site"),
        Cell(move.reason),
    )
