"""Open a foreign model, in a worker's child."""

import shutil
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.db import transaction

from monitor import claims, crash
from monitor.events import record
from monitor.work import State
from pulsar_ml import artefact
from pulsar_ml.examine import order
from registry.attempt import attempt
from registry.errors import CannotPush
from registry.models import Push, Version
from registry.pushing import allowed, child
from registry.pushing.beat import Beat
from registry.pushing.finish import finish
from registry.pushing.lay import asked, lay, place
from registry.pushing.quarantine import quarantine


def work(push: Push, stopping: Callable[[], bool] = lambda: False) -> None:
    """Examine it; then it is a version, or quarantined with its reason."""
    if not claims.claim(push):
        return
    try:
        do = partial(_work, push, Beat(push, stopping))
        attempt(push, do, end=partial(_end, push))
    finally:
        # Another that has taken it over has a folder of its own.
        shutil.rmtree(place(push), ignore_errors=True)


def _work(push: Push, beat: Beat) -> None:
    if why := allowed.why_not():
        raise CannotPush(why)
    if push.attempts > settings.PULSAR.scheduler.max_attempts:
        raise CannotPush("Every process that opened it was ended; it is not tried on.")
    folder = lay(push)
    crash.at("push.laid")
    holds = child.examine(folder, beat, settings.PULSAR.push.seconds)
    crash.at("push.examined")
    if not holds:
        quarantine(push, beat.findings)
        return
    beat.now()
    if not (folder / order.MODEL / artefact.SUMS).is_file():
        seconds = 60 * settings.PULSAR.training.step_minutes
        order.write(folder, asked(push, seconds))
        child.complete(folder, beat, seconds)
    crash.at("push.completed")
    beat.now()
    finish(push, folder, beat.findings)


def _end(push: Push, state: State, reason: str) -> None:
    with transaction.atomic():
        if claims.close(push, state, reason=reason):
            record(
                push.EVENTS[state],
                about=str(push),
                who=push.by_id,
                name=push.name,
                reason=reason,
            )


def is_quarantined(push: Push) -> bool:
    """Whether it was examined, and put aside."""
    aside = Version.Registration.QUARANTINED
    return bool(push.version and push.version.registration == aside)
