"""Which batches are never deleted, since something stands on them."""

from registry.models import AliasMove
from showroom.models import Batch


def why_kept(batch: Batch) -> str:
    """Why neither a person nor retention deletes the batch; empty if they may."""
    for reason in (_of_a_day, _of_a_champion):
        if sentence := reason(batch):
            return sentence
    return ""


def _of_a_day(batch: Batch) -> str:
    if batch.source != Batch.Source.CASES:
        return ""
    return "A day's single cases belong to everybody who typed one in."


def _of_a_champion(batch: Batch) -> str:
    """Scores from before the version's first promotion are what spoke for it."""
    promoted = AliasMove.objects.filter(alias="champion", after=batch.version_id)
    first = promoted.order_by("at").first()
    if first is None or first.at <= batch.created_at:
        return ""
    return (
        f"These scores are what {batch.version} was chosen by before it became "
        "champion."
    )
