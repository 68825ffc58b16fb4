"""What the gate has found of two versions, where nothing has changed since."""

from django.db.models import QuerySet

from monitor.work import State
from registry.gate import rows
from registry.gate.inputs import inputs
from registry.models import Comparison, Version


def latest(candidate: Version, champion: Version) -> Comparison | None:
    """The newest that has ended well and whose inputs are those of now."""
    dataset = rows.chosen(candidate, champion)
    sha256 = inputs(candidate, champion, dataset).sha256
    found = between(candidate, champion).filter(state=State.SUCCESS)
    return found.filter(inputs_sha256=sha256).first()


def between(candidate: Version, champion: Version) -> QuerySet[Comparison]:
    """All of these two, the newest first."""
    found = Comparison.objects.filter(candidate=candidate, champion=champion)
    return found.select_related(
        "candidate__model", "champion__model", "dataset", "by"
    ).order_by("-pk")
