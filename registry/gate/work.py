"""Hold two versions against each other, in a worker."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction

from monitor import claims, crash
from monitor.events import record
from monitor.work import State
from pulsar_ml.evaluation.contenders import Contender
from pulsar_ml.evaluation.gate import gate, outcome
from registry import serving
from registry.attempt import attempt
from registry.datasets.beat import Seen
from registry.gate import rows
from registry.gate.beat import GateBeat
from registry.gate.inputs import Inputs, inputs
from registry.models import Comparison, Version

_EVENTS = {
    Comparison.Outcome.PASSED: "gate.passed",
    Comparison.Outcome.REFUSED: "gate.refused",
    Comparison.Outcome.NOT_COMPARABLE: "gate.refused",
}


def work(comparison: Comparison, stopping: Callable[[], bool] = lambda: False) -> None:
    """Judge both, and say whether the candidate may take the other's place."""
    if not claims.claim(comparison):
        return
    crash.at("gate.claimed")
    beat = GateBeat(comparison, stopping)
    attempt(
        comparison, partial(_compare, comparison, beat), end=partial(_end, comparison)
    )


def _compare(comparison: Comparison, beat: GateBeat) -> None:
    # As they are now: sentinels and margins may have changed since it was asked for.
    given = inputs(comparison.candidate, comparison.champion, comparison.dataset)
    sides = _contender(given.candidate), _contender(given.champion)
    beat.say(f"Judging {sides[0].name} and {sides[1].name}")
    found = beat.aside(lambda seen: _found(given, *sides, seen))
    crash.at("gate.judged")
    _land(comparison, given, found)


def _contender(version: Version) -> Contender:
    return Contender(str(version), serving.serve(version).scorer)


def _found(
    given: Inputs, candidate: Contender, champion: Contender, seen: Seen
) -> dict[str, Any]:
    table = rows.load(given.dataset) if given.dataset else None
    return gate(
        candidate,
        champion,
        table,
        given.sentinels,
        margins=given.margins,
        tell=seen,
    )


def _land(comparison: Comparison, given: Inputs, found: dict[str, Any]) -> None:
    said = Comparison.Outcome(outcome(found))
    result: dict[str, Any] = {"outcome": said, "findings": found}
    result["inputs_sha256"] = given.sha256
    with transaction.atomic():
        if claims.close(comparison, State.SUCCESS, **result):
            record(
                _EVENTS[said],
                about=str(given.candidate),
                who=comparison.by_id,
                **_told(comparison, given, found),
            )


def _told(
    comparison: Comparison, given: Inputs, found: dict[str, Any]
) -> dict[str, Any]:
    """The numbers, for the log of events."""
    recall = found["recall"] or {}
    return {
        "comparison": comparison.pk,
        "champion": str(given.champion),
        "dataset": str(given.dataset) if given.dataset else None,
        "rows": found["rows"],
        "pulsars": found["pulsars"],
        "fpr": found["fpr"],
        **{f"recall_{k}": recall.get(k) for k in ("champion", "candidate")},
        **{k: recall.get(k) for k in ("difference", "low", "high")},
        "sentinels_lost": len(found["sentinels"]["lost"]),
        "reasons": [*found["reasons"], *filter(None, [found["why"]])],
    }


def _end(comparison: Comparison, state: State, reason: str) -> None:
    with transaction.atomic():
        if claims.close(comparison, state, reason=reason):
            record(
                comparison.EVENTS[state],
                about=str(comparison),
                who=comparison.by_id,
                reason=reason,
            )
