"""Change what people have written about a run; what it did stays as it was."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from monitor.events import record
from registry.models import TrainingRun
from registry.training.experiments import find_or_open


def edit(
    run: TrainingRun, *, notes: str, tags: Sequence[str], experiment: str, by: User
) -> None:
    """Save the notes, tags and experiment that differ from what stands there."""
    with transaction.atomic():
        wanted = {
            "notes": notes,
            "tags": list(tags),
            "experiment": find_or_open(experiment, by),
        }
        changed = {k: v for k, v in wanted.items() if getattr(run, k) != v}
        if not changed:
            return
        TrainingRun.objects.filter(pk=run.pk).update(**changed)
        # Notes may be long, and may be about people: that they changed is enough.
        told = {k: str(v) for k, v in changed.items() if k != "notes"}
        record(
            "training.edited", about=str(run), who=by, changed=sorted(changed), **told
        )
    run.refresh_from_db()
