"""What came out of a batch: its rows, and how their scores lie."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from django.http import Http404
from django.urls import reverse
from ninja import Query, Router, Schema
from ninja.errors import HttpError

from accounts.programs.needs import Needs
from accounts.programs.values import Key
from accounts.requests import Request
from pulsar_ml.catalogue import Match
from pulsar_ml.errors import PulsarError
from pulsar_ml.features import FEATURES
from registry import serving
from showroom import catalogue, present, raw, rows
from showroom.api.reading import reading
from showroom.api.turning import Turn, turned
from showroom.api.wanted import Ordered, Rows, wanted
from showroom.models import BINS, Batch
from showroom.origin import origin
from showroom.verdicts.chosen import Spoken, spoken
from showroom.views.find import batch_or_404, row_of

router = Router()
_looks = Needs("showroom.view_batch")
_NOBODY = Spoken("", 0)


class RowOut(Schema):
    """A scored row."""

    id: str
    row: int
    name: str
    probability: float
    predicted: Literal[0, 1]
    warnings: list[str]
    features: dict[str, float]
    # What its file said besides, by the names that it had there.
    metadata: dict[str, str]
    # One's own, if there is one, and how many others one sees to have judged it.
    verdict: str | None
    n_others: int


class KnownOut(Schema):
    """A known pulsar that it may be."""

    name: str
    b_name: str
    period_s: float | None
    dm: float | None
    separation_deg: float
    # Its period is about a/b of the pulsar's.
    a: int
    b: int
    # In words, and the verdict that it suggests.
    why: str
    suggestion: str


class ReasonOut(Schema):
    """What one feature adds to the log-odds of the score."""

    feature: str
    value: float
    contribution: float
    words: str


class ExplanationOut(Schema):
    """The log-odds of a score, taken apart; the weightiest reason first."""

    base: float
    log_odds: float
    reasons: list[ReasonOut]


class OneRow(RowOut):
    """A row with what is known of it."""

    url: str
    threshold: float
    # The file that it came of, where that can be told.
    file: str | None
    has_plots: bool
    catalogue: str | None
    known: list[KnownOut]
    explanation: ExplanationOut | None


class RowsPage(Schema):
    """Some rows, and how many there are in all."""

    total: int
    previous: str | None
    next: str | None
    results: list[RowOut]


class Histogram(Schema):
    """How many rows have scores between one edge and the next."""

    edges: list[float]
    counts: list[int]


@router.get("/{batch}/rows", auth=_looks, response=RowsPage)
@reading
def list_rows(
    request: Request, batch: int, asked: Query[Ordered], turn: Query[Turn]
) -> Mapping[str, Any]:
    """The rows that are wanted, in their order; as yet those that are scored."""
    found = batch_or_404(request, batch)
    page = rows.page(found, wanted(request, found, asked, **turn.key()), turn.page_size)
    said = spoken(found, request.user, [row["row"] for row in page.rows])
    results = [_row(found, row, said.get(row["row"], _NOBODY)) for row in page.rows]
    links = turned(request, results, previous=page.previous, next=page.next)
    return {"total": page.total, **links}


@router.get("/{batch}/rows/{row}", auth=_looks, response=OneRow)
@reading
def get_row(
    request: Request, batch: int, row: Key, *, explain: bool = False
) -> Mapping[str, Any]:
    """One of them, and which known pulsars it may be by the columns of its file.

    With `explain`, which takes a moment, also why it has its score.
    """
    found = batch_or_404(request, batch)
    scored = row_of(found, row)
    if scored is None:
        raise Http404("The batch has no such row.")
    said = spoken(found, request.user, [row]).get(row, _NOBODY)
    behind = raw.of_row(found, scored)
    file = origin(found, row, behind).file
    known = catalogue.ask(catalogue.seen(raw.metadata(found, scored)))
    return {
        **_row(found, scored, said),
        "url": reverse("showroom:row", args=[found.pk, row]),
        "threshold": found.version.card["threshold"],
        "file": file.name if file else None,
        "has_plots": behind is not None,
        "catalogue": str(known.catalogue) if known.catalogue else None,
        "known": [_known(match) for match in known.matches],
        "explanation": _explained(found, scored) if explain else None,
    }


@router.get("/{batch}/histogram", auth=_looks, response=Histogram)
@reading
def get_histogram(request: Request, batch: int, asked: Query[Rows]) -> Histogram:
    """How the scores of the wanted rows lie between 0 and 1."""
    found = batch_or_404(request, batch)
    counts = rows.counts(found, wanted(request, found, asked))
    return Histogram(edges=[edge / BINS for edge in range(BINS + 1)], counts=counts)


def shortest(score: float) -> float:
    """As its page shows it: a float32 by the fewest digits that give it again."""
    return float(str(np.float32(score)))


def _row(batch: Batch, row: rows.Row, said: Spoken) -> dict[str, Any]:
    return {
        "id": f"{batch.pk}-{row['row']}",
        "row": row["row"],
        "name": row["name"] or "",
        "probability": shortest(row["probability"]),
        "predicted": int(row["predicted"]),
        "warnings": [code for code in row["warnings"].split(";") if code],
        "features": {name: row[name] for name in FEATURES},
        "metadata": raw.metadata(batch, row),
        "verdict": said.own or None,
        "n_others": said.others,
    }


def _known(match: Match) -> dict[str, Any]:
    told = {**match.pulsar._asdict(), **match._asdict(), "why": match.why}
    return {name: told[name] for name in KnownOut.model_fields}


def _explained(batch: Batch, row: rows.Row) -> ExplanationOut:
    try:
        scorer = serving.serve(batch.version).scorer
    except PulsarError as error:
        raise HttpError(409, str(error)) from error
    found = present.explanation(scorer, [row[name] for name in FEATURES])
    return ExplanationOut(
        base=found.base,
        log_odds=found.log_odds,
        reasons=[ReasonOut(**bar.reason._asdict()) for bar in found.bars],
    )
