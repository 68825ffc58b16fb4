"""The steps of a run, told as they happen."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.timezone import now

from dispatch.models import Run, Step
from monitor import claims
from monitor.events import record

logger = logging.getLogger(__name__)

_EVENTS: dict[str, tuple[str, ...]] = {
    Step.Name.LOADED: ("run.loaded",),
    # That it began is told when there is something to do: a schedule of each minute
    # would fill the log with runs that found nothing.
    Step.Name.COLLECTED: ("run.started", "run.collected"),
    Step.Name.INFERRED: ("run.inferred",),
    Step.Name.PERSISTED: ("run.persisted",),
}


class Steps:
    """The steps of one go at a run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        last = run.steps.aggregate(last=Max("attempt"))["last"] or 0
        self.attempt = last + 1
        finished = run.steps.exclude(finished_at=None)
        self._done = set(finished.values_list("name", flat=True))

    def is_done(self, name: Step.Name) -> bool:
        """Whether an earlier go has finished it."""
        return name in self._done

    @contextmanager
    def take(self, name: Step.Name) -> Iterator[dict[str, Any]]:
        """Tell that a step begins and, if all goes well, that it is done.

        What the body puts into the dictionary is told too.
        """
        step = Step.objects.create(
            run=self.run, name=name, attempt=self.attempt, started_at=now()
        )
        detail: dict[str, Any] = {}
        yield detail
        at = now()
        detail["seconds"] = round((at - step.started_at).total_seconds(), 3)
        with transaction.atomic():
            claims.keep(self.run)  # who lost the run tells no more of it
            Step.objects.filter(pk=step.pk).update(finished_at=at, detail=detail)
            if self.run.batch_id:
                self._tell(name, detail)

    def _tell(self, name: Step.Name, detail: dict[str, Any]) -> None:
        run = self.run
        told = {"schedule": run.schedule.slug, **detail}
        for kind in _EVENTS[name]:
            record(kind, about=str(run), who=run.by_id, **told)
        said = ", ".join(f"{key} {value}" for key, value in detail.items())
        logger.info("%s: %s", name.label, said)
