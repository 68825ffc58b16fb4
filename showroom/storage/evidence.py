"""Which batches are never deleted, since something stands on them."""

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from registry.models import AliasMove
from showroom.models import Batch, Verdict


def why_kept(batch: Batch) -> str:
    """Why neither a person nor retention deletes the batch; empty if they may."""
    for reason in (_of_a_day, _of_a_champion, _of_verdicts):
        if sentence := reason(batch):
            return sentence
    return ""


def free(batches: QuerySet[Batch]) -> QuerySet[Batch]:
    """Those of these batches on which nothing stands."""
    spoke = _of_champions(Batch.objects.all()).values("pk")
    said = Verdict.objects.current().filter(candidate__batch=OuterRef("pk"))
    open_ones = batches.exclude(source=Batch.Source.CASES).exclude(pk__in=spoke)
    return open_ones.exclude(Exists(said))


def _of_a_day(batch: Batch) -> str:
    if batch.source != Batch.Source.CASES:
        return ""
    return "A day's single cases belong to everybody who typed one in."


def _of_a_champion(batch: Batch) -> str:
    if not _of_champions(Batch.objects.filter(pk=batch.pk)).exists():
        return ""
    return (
        f"These scores are what {batch.version} was chosen by before it became "
        "champion."
    )


def _of_verdicts(batch: Batch) -> str:
    n = Verdict.objects.current().of_batch(batch).count()
    if not n:
        return ""
    rest = "1 verdict rests" if n == 1 else f"{n:,} verdicts rest"
    back = "it is" if n == 1 else "they are"
    return f"{rest} on its rows; the batch can be deleted when {back} taken back."


def _of_champions(batches: QuerySet[Batch]) -> QuerySet[Batch]:
    """Those from before their version's first promotion: they are what spoke for it."""
    promoted = AliasMove.objects.filter(alias="champion", after=OuterRef("version"))
    first = promoted.order_by("at").values("at")[:1]
    return batches.alias(promoted_at=Subquery(first)).filter(
        promoted_at__gt=F("created_at")
    )
