"""In which stage each version is, and who has let it in: told of many at once."""

from django.db import models
from django.db.models import Case, Exists, OuterRef, QuerySet, Value, When

from registry.models import STAGES, Alias, AliasMove, Retraining, Version


class Stage(models.TextChoices):
    """As model registries call it."""

    PRODUCTION = STAGES["champion"]
    STAGING = STAGES["challenger"]
    # It was in production, and is not any more.
    ARCHIVED = "Archived"
    NONE = "None"


class Approval(models.TextChoices):
    """What people have said to its going into production."""

    APPROVED = "Approved"
    REJECTED = "Rejected"
    PENDING = "PendingManualApproval"


def told(versions: QuerySet[Version]) -> QuerySet[Version]:
    """The same, each with its `stage` and its `approval`."""
    was = Exists(AliasMove.objects.filter(alias="champion", after=OuterRef("pk")))
    declined = Retraining.objects.filter(
        stage=Retraining.Stage.DECLINED, version=OuterRef("pk")
    )
    return versions.annotate(
        stage=Case(
            When(_named("champion"), then=Value(Stage.PRODUCTION.value)),
            When(_named("challenger"), then=Value(Stage.STAGING.value)),
            When(was, then=Value(Stage.ARCHIVED.value)),
            default=Value(Stage.NONE.value),
        ),
        approval=Case(
            When(
                registration=Version.Registration.QUARANTINED,
                then=Value(Approval.REJECTED.value),
            ),
            When(was, then=Value(Approval.APPROVED.value)),
            When(Exists(declined), then=Value(Approval.REJECTED.value)),
            default=Value(Approval.PENDING.value),
        ),
    )


def _named(alias: str) -> Exists:
    return Exists(Alias.objects.filter(name=alias, version=OuterRef("pk")))
