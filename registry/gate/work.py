"""Hold two versions against each other, in a worker."""

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import Error, close_old_connections, transaction

from monitor import claims, crash, room
from monitor.events import record
from monitor.send import send
from monitor.work import Cancelled, Interrupted, LeaseLost, State, Stopped
from pulsar_ml.errors import PulsarError
from pulsar_ml.evaluation.contenders import Contender
from pulsar_ml.evaluation.gate import gate, outcome
from registry import serving
from registry.datasets.beat import Seen
from registry.errors import RegistryError
from registry.gate import rows
from registry.gate.beat import GateBeat
from registry.gate.inputs import Inputs, inputs
from registry.models import Comparison, Version

logger = logging.getLogger(__name__)

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
    try:
        _try(comparison, GateBeat(comparison, stopping))
    except LeaseLost as lost:
        logger.warning("%s", lost)  # whoever has it now brings it to its end
    except Cancelled as request:
        _end(comparison, State.CANCELLED, str(request))
    except Interrupted:
        _hand_over(comparison)


def _try(comparison: Comparison, beat: GateBeat) -> None:
    try:
        _compare(comparison, beat)
    except (PulsarError, RegistryError) as error:
        _end(comparison, State.FAILED, str(error))
    except OSError as error:
        _lacking(comparison, error)
    except (Stopped, Error):
        # What the database could not take begins anew when the lease has ended.
        close_old_connections()
        raise
    except MemoryError:
        _end(comparison, State.FAILED, "The machine has too little memory for it.")
    # The door of one comparison: a fault of ours is told on its page, too.
    except Exception as error:
        logger.exception("Nobody has foreseen this in %s", comparison)
        words = f"{type(error).__name__}: {error}".rstrip(" .:")
        _end(comparison, State.FAILED, f"A fault of this site: {words}.")


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


def _hand_over(comparison: Comparison) -> None:
    """Have a worker begin anew with what this process must leave."""
    try:
        claims.give_back(comparison)
    except Cancelled as request:
        _end(comparison, State.CANCELLED, str(request))
    except LeaseLost as lost:
        logger.warning("%s", lost)
    else:
        send(comparison)


def _lacking(comparison: Comparison, error: OSError) -> None:
    """Wait for room if that is what is lacking, or end."""
    most = settings.PULSAR.scheduler.max_attempts
    if not room.is_lacking(error):
        reason = f"The storage of the site refused: {error.strerror or error}."
        _end(comparison, State.FAILED, reason)
    elif room.suffices() and comparison.attempts >= most:
        # Full by a measure that we do not have: to wait for more bytes has no end.
        _end(comparison, State.FAILED, room.words())
    else:
        reason = f"{room.words(room.PART)} It begins anew by itself when there is room."
        claims.wait(comparison, reason=reason, counts=room.suffices())


def _end(comparison: Comparison, state: State, reason: str) -> None:
    with transaction.atomic():
        if claims.close(comparison, state, reason=reason):
            record(
                comparison.EVENTS[state],
                about=str(comparison),
                who=comparison.by_id,
                reason=reason,
            )
