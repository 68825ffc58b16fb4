"""What the event log is told of a verdict."""

from showroom.models import Verdict


def told(verdict: Verdict) -> dict[str, str]:
    """The word; none of a private or a blind batch, for who reads the log is others."""
    batch = verdict.candidate.batch
    return {} if batch.private or batch.blind else {"verdict": verdict.word}
