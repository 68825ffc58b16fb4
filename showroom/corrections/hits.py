"""How much of what a model told in production was corrected."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Exists, F, Min, OuterRef, QuerySet, Sum

from registry.models import AliasMove, Model, Version
from showroom.models import Batch, Correction

# What somebody waits for: single cases, and what programs send. Of uploads and runs
# people say what they find as verdicts.
SERVED = (Batch.Source.CASES, Batch.Source.API)


class Hits(NamedTuple):
    """What one version told, and how much of it was corrected to the opposite.

    As far as everybody sees it: none of private batches, nor of blind ones.
    """

    version: Version
    # When it first came into production.
    since: datetime
    n: int
    n_errors: int


def hits(model: Model) -> list[Hits]:
    """Of every version that is or was in production, the newest first."""
    since = _since(model)
    # A figure for everybody, in which nobody reads what is not for everybody.
    seen = Batch.objects.filter(private=False, blind=False, deleted_at=None)
    served = seen.filter(version__in=since, source__in=SERVED)
    told = served.order_by().values_list("version").annotate(n=Sum("n_scored"))
    wrong = _opposite(served).values_list("candidate__batch__version")
    n = dict(told)
    n_errors = dict(wrong.annotate(n=Count("candidate", distinct=True)))
    versions = Version.objects.filter(pk__in=since).select_related("model")
    return [
        Hits(one, since[one.pk], n.get(one.pk, 0), n_errors.get(one.pk, 0))
        for one in versions.defer("card").order_by("-number")
    ]


def _since(model: Model) -> dict[int, datetime]:
    """When each version that was ever in production came there first."""
    moves = AliasMove.objects.filter(model=model, alias="champion").order_by()
    return dict(moves.values_list("after").annotate(since=Min("at")))


def _opposite(served: QuerySet[Batch]) -> QuerySet[Correction]:
    """Of each prediction the last correction counts, whoever it is from."""
    later = Correction.objects.current().filter(
        candidate=OuterRef("candidate"), pk__gt=OuterRef("pk")
    )
    current = Correction.objects.current().filter(candidate__batch__in=served)
    wrong = current.exclude(expected=F("candidate__predicted"))
    return wrong.exclude(Exists(later)).order_by()
