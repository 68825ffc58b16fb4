"""What a retraining would learn from: which dataset, and which labels are new."""

from datetime import datetime

from django.db.models import Exists, Min, OuterRef, QuerySet

from registry.models import Build, Dataset, Label, Retraining


def base() -> Dataset | None:
    """The newest dataset that people gave, not a retraining.

    What a retraining freezes begins with it and with all labels that hold: one that
    was taken back since is in it no more.
    """
    ours = Retraining.objects.filter(build__dataset=OuterRef("pk"))
    asked = Retraining.objects.filter(build=OuterRef("pk"))
    others = Build.objects.filter(~Exists(asked), dataset=OuterRef("pk"))
    given = Dataset.objects.filter(~Exists(ours) | Exists(others))
    return given.order_by("-number").first()


def newest() -> Dataset | None:
    """The newest dataset, whoever made it."""
    return Dataset.objects.order_by("-number").first()


def new_labels(model: str, *, before: Retraining | None = None) -> QuerySet[Label]:
    """Labels that hold, and that neither the base nor the last retraining has seen."""
    since = _since(model, before)
    labels = Label.objects
    return labels.holding_since(since) if since else labels.current()


def _since(model: str, before: Retraining | None) -> datetime | None:
    """What was imported knows nothing of labels; what was frozen has those before it.

    A retraining that failed has learnt nothing.
    """
    earlier = Retraining.objects.filter(model=model)
    earlier = earlier.exclude(stage=Retraining.Stage.FAILED)
    if before:
        earlier = earlier.filter(pk__lt=before.pk)
    last = earlier.order_by("pk").last()
    found = base()
    is_frozen = found and found.source == Dataset.Source.FREEZE
    times = [_read_at(found)] if found and is_frozen else []
    return max([*times, *([last.created_at] if last else [])], default=None)


def _read_at(frozen: Dataset) -> datetime:
    """No later than its labels were read: those that came while it was made count."""
    builds = frozen.builds.aggregate(first=Min("started_at"))
    return builds["first"] or frozen.created_at
