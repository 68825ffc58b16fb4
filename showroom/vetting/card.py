"""A candidate as it is put before somebody who vets."""

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

from accounts.models import User
from pulsar_ml.candidate import Header
from pulsar_ml.errors import PulsarError
from pulsar_ml.features import FEATURES, candidate_hash
from registry import serving
from showroom import catalogue, present, raw, rows
from showroom.catalogue import Answer
from showroom.models import Batch
from showroom.present import Strip
from showroom.verdicts.of_row import OfRow, of_row
from showroom.vetting.place import Place

logger = logging.getLogger(__name__)
_MISSING = "the scores of its batch have no such row"
# What files and tables call the strength of the signal; the first that is there.
_STRENGTH = {
    "snr": "S/N",
    "sn_fold": "S/N, folded",
    "s/n_new": "S/N",
    "s/n": "S/N",
    "sigma": "Sigma",
}


class Card(NamedTuple):
    """All that one sees of a candidate before judging it."""

    place: Place
    batch: Batch
    row: Mapping[str, Any]
    # Of its features, by which the same candidate is known in another batch.
    hash: str
    threshold: float
    header: Header
    facts: list[tuple[str, str]]
    known: Answer
    has_plots: bool
    strips: list[Strip]
    said: OfRow


class Unreadable(NamedTuple):
    """A candidate whose row cannot be shown, and why."""

    place: Place
    batch: Batch
    reason: str


def card(user: User, place: Place) -> Card | Unreadable | None:
    """What this person sees of the place; None where there is nothing for them."""
    batch = Batch.objects.visible_to(user).newest().filter(pk=place.batch).first()
    if batch is None:
        return None
    try:
        row = rows.one(batch, place.row)
    except OSError as error:
        logger.exception("The rows of %s cannot be read", batch)
        return Unreadable(place, batch, error.strerror or str(error))
    if row:
        return _card(user, batch, row)
    # Listed, and in no part: such a one must not bar the way to all behind it.
    is_listed = batch.candidates.filter(row=place.row).exists()
    return Unreadable(place, batch, _MISSING) if is_listed else None


def _card(user: User, batch: Batch, row: rows.Row) -> Card:
    said = raw.metadata(batch, row)
    header = catalogue.seen(said)
    # No file is opened for the answer: the next ones are to be there at once.
    has_plots = raw.case_of(row) is not None if batch.day else "source" in said
    return Card(
        place=Place(batch.pk, row["row"]),
        batch=batch,
        row=row,
        hash=candidate_hash(row[name] for name in FEATURES),
        threshold=batch.version.card["threshold"],
        header=header,
        facts=_facts(header, said),
        known=catalogue.ask(header),
        has_plots=has_plots,
        strips=[] if has_plots else _strips(batch, row),
        said=of_row(batch, row["row"], user),
    )


def _facts(header: Header, said: Mapping[str, str]) -> list[tuple[str, str]]:
    """Period, DM and strength, as far as its file has them."""
    by_name = {name.casefold(): value for name, value in said.items()}
    strength = [(words, by_name[n]) for n, words in _STRENGTH.items() if n in by_name]
    found = [
        ("Period", f"{header.period_s:.9g} s" if header.period_s else ""),
        ("DM", f"{header.dm:.6g} pc cm⁻³" if header.dm is not None else ""),
        *((words, _short(value)) for words, value in strength[:1]),
    ]
    return [(label, value) for label, value in found if value]


def _short(text: str) -> str:
    try:
        return f"{float(text):.5g}"
    except ValueError:
        return text


def _strips(batch: Batch, row: rows.Row) -> list[Strip]:
    """Its features among those of the training rows, if the version can be asked."""
    try:
        scorer = serving.serve(batch.version).scorer
    except PulsarError:
        logger.exception("Version %s cannot be asked", batch.version)
        return []
    return present.strips(scorer.reference, [float(row[name]) for name in FEATURES])
