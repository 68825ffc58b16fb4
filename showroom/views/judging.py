"""What a page on which one judges shows of verdicts."""

from collections.abc import Sequence
from typing import Any

from accounts.requests import Request
from pulsar_ml.catalogue import Match
from showroom.models import Batch
from showroom.verdicts.judging import judging
from showroom.verdicts.of_row import of_row
from showroom.verdicts.steps import steps
from showroom.vetting.keys import keys_of


def before(
    request: Request, batch: Batch, row: int, matches: Sequence[Match]
) -> dict[str, Any]:
    """A row before the eyes of whoever asks: the form, and what is said of it."""
    found = of_row(batch, row, request.user)
    keys = keys_of(request.user).by_action
    return {
        "verdicts": found,
        "keys": keys,
        "steps": steps(request.user),
        "judging": judging(
            batch,
            row,
            found.own,
            matches=matches,
            keys=keys,
            next=request.get_full_path(),
        ),
    }
