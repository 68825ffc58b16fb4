"""Keep what a look has found: how it is now, since when, and each change."""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone

from monitor.events import record
from monitor.figures import samples
from monitor.models import Check, Flip
from monitor.probes.reading import Reading

logger = logging.getLogger(__name__)

State = Check.State
# Of a job that fails each hour: that it runs again does not make it well.
_SETTLED = (State.UP, State.DOWN, State.PAUSED)
TRIES = 5


def store(
    check_slug: str,
    kind: Check.Kind,
    name: str,
    reading: Reading,
    depends: Iterable[str] = (),
    at: datetime | None = None,
) -> bool:
    """Keep a reading begun at a time, unless there is a newer one; True if it is kept.

    Two who look at once leave one flip: each change is a compare-and-set.
    """
    at = at or timezone.now()
    known = {"kind": kind, "name": name, "depends": list(depends)}
    for _ in range(TRIES):
        given = {**known, "since": at}
        check, _made = Check.objects.get_or_create(slug=check_slug, defaults=given)
        if _is_newer(check, at):
            return False
        with transaction.atomic():
            if _put(check, reading, at, known):
                _note_change(check, reading, at)
                for figure, value in reading.figures.items():
                    samples.put(figure, value, at=at)
                return True
    logger.warning("The reading of %s met others all the time", check_slug)
    return False


def _is_newer(check: Check, at: datetime) -> bool:
    """Whether what is kept was found later; by a clock put back since, it was not."""
    return check.looked_at is not None and at < check.looked_at <= timezone.now()


def _put(check: Check, reading: Reading, at: datetime, known: dict[str, Any]) -> bool:
    """Write the reading if the row is as it was read."""
    unchanged = Check.objects.filter(
        pk=check.pk, state=check.state, looked_at=check.looked_at
    )
    answered = When(asked_at__lte=at, then=Value(None))
    return (
        unchanged.update(
            **known,
            state=reading.state,
            since=_since(check, reading, at),
            looked_at=at,
            summary=reading.summary[:300],
            detail=reading.detail,
            took=reading.took,
            asked_at=Case(answered, default=F("asked_at")),
        )
        == 1
    )


def _since(check: Check, reading: Reading, at: datetime) -> datetime:
    """Since when it is so; the flip is of the moment at which that was found."""
    if reading.state == check.state:
        return check.since
    if reading.since is None:
        return at
    # What was over has not lasted: a last sign of life may lie before the end.
    before = check.flips.filter(was=reading.state).order_by("-pk").first()
    begun = max(reading.since, before.at) if before else reading.since
    return min(begun, at)


def _note_change(check: Check, reading: Reading, at: datetime) -> None:
    """Keep the flip, and say so when something broke or is well again."""
    was, state = check.state, reading.state
    if was == state:
        return
    settled = Flip.objects.filter(subject=check, state__in=_SETTLED)
    before = settled.order_by("at", "pk").last()
    summary = reading.summary[:300]
    Flip.objects.create(subject=check, at=at, was=was, state=state, summary=summary)
    was_down = before is not None and before.state == State.DOWN
    told = {"name": check.name, "summary": summary}
    if state == State.DOWN and not was_down:
        record("check.went_down", about=f"check {check}", **told)
    elif state == State.UP and was_down:
        record("check.recovered", about=f"check {check}", **told)
