"""What the gate holds against a candidate, in sentences with numbers and names."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

# Of more sentinels a sentence tells how many; the findings name them all.
NAMED = 20
_Json = Mapping[str, Any]


def reasons(findings: _Json, candidate: str, champion: str) -> list[str]:
    """Put into sentences what the candidate would lose.

    Parameters
    ----------
    findings : mapping
        As `pulsar_ml.evaluation.gate.gate` makes them.
    candidate, champion : str
        What people call the versions.

    Returns
    -------
    list of str
        One for recall, one for each slice, one for each sentinel; empty where nothing
        speaks against the candidate.
    """
    return [
        *_recall(findings),
        *_slices(findings["slices"]),
        *_sentinels(findings["sentinels"], candidate, champion),
    ]


def _recall(findings: _Json) -> Iterator[str]:
    recall = findings["recall"]
    if recall and recall["lost"]:
        yield (
            "Recall at the champion's false-positive rate of"
            f" {_percent(findings['fpr'])} falls from {recall['champion']:.3f} to"
            f" {recall['candidate']:.3f} ({recall['difference']:+.3f}, 95 % from"
            f" {recall['low']:+.3f} to {recall['high']:+.3f});"
            f" {recall['margin']:.3f} may be lost."
        )


def _slices(slices: Sequence[_Json]) -> Iterator[str]:
    for part in slices:
        if part["lost"]:
            yield (
                f"In the slice {part['column']} {part['label']}"
                f" ({part['pulsars']:,} pulsars) recall falls from"
                f" {part['champion']:.3f} to {part['candidate']:.3f}"
                f" ({part['difference']:+.3f}); {part['margin']:.3f} may be lost."
            )


def _sentinels(found: _Json, candidate: str, champion: str) -> Iterator[str]:
    lost, threshold = found["lost"], found["thresholds"]["candidate"]
    for one in lost[:NAMED]:
        score, at = _apart(one["candidate"], threshold)
        yield (
            f"{one['name']}, a sentinel that {champion} finds"
            f" ({_written(one['champion'])}), would be lost ({score}, threshold {at})."
        )
    if lost[NAMED:]:
        yield f"{candidate} would lose {len(lost) - NAMED:,} more sentinels."


def _percent(share: float) -> str:
    digits = 0 if share >= 0.1 else 1 if share >= 0.01 else 2
    return f"{round(100 * share, digits):g} %"


def _written(score: float, digits: int = 2) -> str:
    """Write a score with as many digits; one near 0 keeps as many that count."""
    return f"{score:.{digits}f}" if score >= 0.1 else f"{score:.{digits}g}"


def _apart(score: float, threshold: float) -> tuple[str, str]:
    """Both with as few digits as tell that one lies below the other."""
    texts = [(_written(score, n), _written(threshold, n)) for n in range(2, 7)]
    return next((pair for pair in texts if pair[0] != pair[1]), texts[-1])
