"""The prediction that a program means by its eight values."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from accounts.models import User
from pulsar_ml.features import FEATURES
from showroom import rows
from showroom.models import Batch, Candidate, Prediction
from showroom.verdicts.judged import judged

# Looked through, the newest first: a program corrects what it was told lately.
BATCHES = 30


def find(model: str, values: Sequence[float], user: User) -> Candidate | None:
    """The last that this model told the person of just these values.

    Of cases that are sealed nobody knows any more who asked: of these it is the last
    of all.
    """
    named = dict(zip(FEATURES, values, strict=True))
    cases = Prediction.objects.filter(by=user, batch__version__model__name=model)
    seen = cases.filter(batch__in=Batch.objects.visible_to(user), **named)
    if case := seen.select_related("batch__version").order_by("-pk").first():
        return judged(case.batch, [case.row]).get(case.row)
    for batch in _batches(model, user)[:BATCHES]:
        if row := _last(batch, values):
            return judged(batch, [row]).get(row)
    return None


def _batches(model: str, user: User) -> QuerySet[Batch]:
    """One's own, and the site's days of single cases."""
    visible = Batch.objects.visible_to(user).filter(version__model__name=model)
    mine = Q(owner=user) | Q(day__isnull=False)
    return visible.filter(mine, n_scored__gt=0).newest()


def _last(batch: Batch, values: Sequence[float]) -> int | None:
    fits = " and ".join(f"{name} = ?" for name in FEATURES)
    with rows.scores(batch) as connection:
        asked = f"select max(row) from scores where {fits}"  # noqa: S608  # ours only
        found = connection.execute(asked, list(values)).fetchone()
    return found[0] if found else None
