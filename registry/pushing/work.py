"""Open a foreign model, in a worker's child."""

import logging
import shutil
from collections.abc import Callable

from django.conf import settings
from django.db import Error, close_old_connections, transaction

from monitor import claims, crash, room
from monitor.events import record
from monitor.send import send
from monitor.work import Cancelled, Interrupted, LeaseLost, State, Stopped
from pulsar_ml import artefact
from pulsar_ml.errors import PulsarError
from pulsar_ml.examine import order
from registry.errors import CannotPush, RegistryError
from registry.models import Push, Version
from registry.pushing import allowed, child
from registry.pushing.beat import Beat
from registry.pushing.finish import finish
from registry.pushing.lay import asked, lay, place
from registry.pushing.quarantine import quarantine

logger = logging.getLogger(__name__)


def work(push: Push, stopping: Callable[[], bool] = lambda: False) -> None:
    """Examine it; then it is a version, or quarantined with its reason."""
    if not claims.claim(push):
        return
    try:
        _try(push, Beat(push, stopping))
    except LeaseLost:
        return  # whoever has it now brings it to its end
    except Cancelled as request:
        _end(push, State.CANCELLED, str(request))
    except Interrupted:
        claims.give_back(push)
        send(push)
    finally:
        # Another that has taken it over has a folder of its own.
        shutil.rmtree(place(push), ignore_errors=True)


def _try(push: Push, beat: Beat) -> None:
    try:
        _work(push, beat)
    except (PulsarError, RegistryError) as error:
        _end(push, State.FAILED, str(error))
    except OSError as error:
        _lacking(push, error)
    except (Stopped, Error):
        # What the database could not take begins anew when the lease has ended.
        close_old_connections()
        raise
    except MemoryError:
        _end(push, State.FAILED, "The machine has too little memory for it.")
    # The door of one examination: a fault of ours is told on its page, too.
    except Exception as error:
        logger.exception("Nobody has foreseen this in %s", push)
        words = f"{type(error).__name__}: {error}".rstrip(" .:")
        _end(push, State.FAILED, f"A fault of this site: {words}.")


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


def _lacking(push: Push, error: OSError) -> None:
    """Wait for room if that is what is lacking, or end."""
    most = settings.PULSAR.scheduler.max_attempts
    if not room.is_lacking(error):
        reason = f"The storage of the site refused: {error.strerror or error}."
        _end(push, State.FAILED, reason)
    elif room.suffices() and push.attempts >= most:
        _end(push, State.FAILED, room.words())
    else:
        reason = f"{room.words(room.PART)} It begins anew by itself when there is room."
        claims.wait(push, reason=reason, counts=room.suffices())


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
