"""What the gate has found, as its fragment shows it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from registry.models import Comparison

Json = Mapping[str, Any]
# So many slices stand on a page at once, and names in a sentence.
SLICES, NAMES = 12, 20

_BADGES: dict[str, str] = {
    Comparison.Outcome.PASSED: "success",
    Comparison.Outcome.REFUSED: "failed",
    Comparison.Outcome.NOT_COMPARABLE: "warning",
}


class Names(NamedTuple):
    """Some of them, and how many more there are."""

    first: list[Any]
    more: int


class Shown(NamedTuple):
    """Figures, slices and sentinels; of one that has not ended well there are none."""

    badge: str
    findings: Json
    # Those with enough pulsars to refuse, and among these the worst.
    slices: list[Json]
    other_slices: list[Json]
    few: list[Json]
    lost: Names
    won: Names
    not_comparable: Names


def shown(comparison: Comparison) -> Shown:
    """Lay out what it has found."""
    findings = comparison.findings
    slices = findings.get("slices", [])
    counting = [part for part in slices if part["counts"]]
    sentinels = findings.get("sentinels", {})
    return Shown(
        badge=_BADGES.get(comparison.outcome, comparison.state),
        findings=findings,
        slices=counting[:SLICES],
        other_slices=counting[SLICES:],
        few=[part for part in slices if not part["counts"]],
        lost=_names(sentinels.get("lost", [])),
        won=_names(sentinels.get("won", [])),
        not_comparable=_names(sentinels.get("not_comparable", [])),
    )


def _names(found: list[Any]) -> Names:
    return Names(found[:NAMES], max(0, len(found) - NAMES))
