"""The last steps of a retraining: compared, made the challenger, and by its policy."""

from collections.abc import Callable

from monitor import crash
from monitor.work import State
from registry.errors import AliasMoved, GateRefused
from registry.gate.ask import ask
from registry.models import AliasMove, Comparison, Retraining, Trigger, Version
from registry.promotion.challenge import challenge
from registry.promotion.promote import promote
from registry.promotion.standing import standing
from registry.triggers.stage import Stage, end, go


def step(retraining: Retraining) -> bool:
    """Have it judged beside the champion of now; then what its policy wants."""
    version = _version(retraining)
    champion = standing(version.model, "champion")
    if champion == version:
        return _is_champion(retraining)
    if champion:
        comparison = retraining.comparison
        if comparison and comparison.is_under_way:
            return False
        if comparison and comparison.state != State.SUCCESS:
            return _failed(retraining, comparison)
        # With the same margins, rows and sentinels as now, it is the one that is there.
        current = ask(version, champion, by=retraining.decision.by)
        crash.at("retraining.comparison.asked")
        if current != comparison:
            return go(retraining, Stage.COMPARING, comparison=current)
    _challenge(retraining, version)
    crash.at("retraining.challenged")
    return _SETTLE[retraining.policy](retraining, champion)


def wait(retraining: Retraining) -> bool:
    """While it waits for an admin: others may promote, too."""
    version = _version(retraining)
    champion = standing(version.model, "champion")
    if champion == version:
        return _is_champion(retraining)
    judged = retraining.comparison and retraining.comparison.champion
    if champion and champion != judged:
        return go(retraining, Stage.COMPARING, comparison=None)
    return False


def in_words(retraining: Retraining) -> str:
    """What the gate found, for a line."""
    comparison = retraining.comparison
    if comparison is None:
        return "There was no champion to compare it with."
    if comparison.outcome == Comparison.Outcome.PASSED:
        return "The gate found nothing against it."
    if comparison.outcome == Comparison.Outcome.REFUSED:
        reasons = comparison.findings.get("reasons", [])
        return " ".join(["The gate would refuse it.", *reasons])
    why = comparison.findings.get("why", "")
    return f"The gate could not judge it. {why}".rstrip()


def _version(retraining: Retraining) -> Version:
    assert retraining.version  # noqa: S101  # no stage from here on is entered without
    return retraining.version


def _is_champion(retraining: Retraining) -> bool:
    """Promoted, by us before we were cut off, or by somebody else."""
    moves = AliasMove.objects.filter(after=retraining.version, alias="champion")
    last = moves.select_related("by").order_by("pk").last()
    words = f"{retraining.version} is in production."
    end(retraining, Stage.PROMOTED, words, by=last.by if last else None)
    return False


def _failed(retraining: Retraining, comparison: Comparison) -> bool:
    why = comparison.reason or "it found nothing."
    said = f"{str(comparison).capitalize()} {comparison.state}: {why}"
    end(retraining, Stage.FAILED, said)
    return False


def _challenge(retraining: Retraining, version: Version) -> None:
    if standing(version.model, "challenger") != version:
        reason = f"Trained by {retraining}: {retraining.decision.reason}"
        challenge(version, by=retraining.decision.by, reason=reason[:500])


def _offer(retraining: Retraining, _champion: Version | None) -> bool:
    end(retraining, Stage.OFFERED, in_words(retraining))
    return False


def _await(retraining: Retraining, _champion: Version | None) -> bool:
    go(retraining, Stage.WAITING)
    return False


def _promote(retraining: Retraining, champion: Version | None) -> bool:
    version = _version(retraining)
    try:
        promote(
            version,
            by=retraining.decision.by,
            comparison=retraining.comparison,
            expected=champion,
            reason=f"{retraining}: {retraining.decision.reason}"[:500],
        )
    except GateRefused as refused:
        end(retraining, Stage.REFUSED, str(refused))
        return False
    except AliasMoved:
        return True  # judged anew, beside who is champion now
    crash.at("retraining.promoted")
    return _is_champion(retraining)


_SETTLE: dict[str, Callable[[Retraining, Version | None], bool]] = {
    Trigger.Policy.NOTIFY: _offer,
    Trigger.Policy.APPROVE: _await,
    Trigger.Policy.AUTO: _promote,
}
