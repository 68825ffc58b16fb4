"""What the gate has against a version, as it stands now."""

from monitor.work import State
from registry.gate.latest import latest
from registry.models import Comparison, Version


def objection(
    version: Version, comparison: Comparison | None, champion: Version | None
) -> str:
    """Why it does not let the version pass, in words; empty where it does."""
    if champion is None:
        return ""
    if comparison is None:
        return f"{version} was not compared with {champion}. Ask the gate first."
    if (comparison.candidate_id, comparison.champion_id) != (version.pk, champion.pk):
        return (
            f"{comparison} holds {comparison.candidate} against "
            f"{comparison.champion}, not {version} against {champion}."
        ).capitalize()
    if comparison.state != State.SUCCESS:
        return f"The gate has not judged {version} yet."
    current = latest(version, champion)
    if current is None or current.inputs_sha256 != comparison.inputs_sha256:
        return "What the gate judged by has changed since. Ask it again."
    return _found(comparison, version)


def _found(comparison: Comparison, version: Version) -> str:
    findings = comparison.findings
    if comparison.outcome == Comparison.Outcome.PASSED:
        return ""
    if comparison.outcome == Comparison.Outcome.NOT_COMPARABLE:
        why = findings.get("why", "")
        return f"The gate could not judge {version}. {why}".rstrip()
    return " ".join([f"The gate refused {version}.", *findings.get("reasons", [])])
