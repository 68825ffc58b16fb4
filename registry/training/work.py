"""Do what a training is there for: rehearse, train, register; again where it ended."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils.timezone import now

from monitor import claims, crash, room
from monitor.send import send
from monitor.work import Cancelled, Interrupted, LeaseLost, State, Stopped
from pulsar_ml.errors import PulsarError
from pulsar_ml.training import steps
from registry.errors import NoRoom, RegistryError
from registry.models import TrainingRun
from registry.register import register
from registry.training import log, plan
from registry.training.beat import Beat
from registry.training.end import end, put_back
from registry.training.figures import chosen, figures
from registry.training.line import take_place
from registry.training.step import Taken

logger = logging.getLogger(__name__)

_GOES_ON = "It goes on by itself when there is room."
_DATABASE = (DatabaseError, InterfaceError)
_MACHINE = (OSError, MemoryError, *_DATABASE)


def work(run: TrainingRun, stopping: Callable[[], bool] = lambda: False) -> bool:
    """Work on a training until it ends or must wait.

    False while it stands in the line, and when another has it.
    """
    if not take_place(run):
        return False
    crash.at("train.claimed")
    with log.kept(run):
        _work(run, Beat(run, stopping))
    return True


def _work(run: TrainingRun, beat: Beat) -> None:
    try:
        _try(run, beat)
    except LeaseLost as lost:
        logger.warning("%s", lost)  # whoever has it now brings it to its end
    except Cancelled as request:
        end(run, State.CANCELLED, reason=str(request))
    except Interrupted as request:
        _hand_over(run, request)
    except _DATABASE as away:
        # Its row is freed with its lease; what the steps have left is still there.
        logger.warning("%s A worker goes on when it answers again.", _plainly(away))


def _try(run: TrainingRun, beat: Beat) -> None:
    try:
        _do(run, beat)
    except (RegistryError, PulsarError) as error:
        if isinstance(error, NoRoom):
            _wait_for_room(run)
        else:
            end(run, State.FAILED, reason=str(error))
    except _MACHINE as error:
        # A connection that broke stays broken until it is closed.
        close_old_connections()
        _try_again(run, error)
    except Stopped:
        raise
    # The door of one training: a fault of ours is told on its page, too.
    except Exception as error:
        logger.exception("Nobody has foreseen this")
        _try_again(run, error)


def _do(run: TrainingRun, beat: Beat) -> None:
    plan.lay(run)
    for rehearsal in (True, False):
        for step in steps.STEPS:
            Taken(run, step, rehearsal=rehearsal).take(beat)
    beat.now()
    version = register(run.folder / "artefact", by=run.by)
    crash.at("train.registered")
    end(
        run,
        State.SUCCESS,
        version=version,
        metrics=figures(run, version.card),
        chosen=chosen(version.card),
    )


def _try_again(run: TrainingRun, error: Exception) -> None:
    """What the machine or the database lacked may be there in a moment."""
    if isinstance(error, OSError) and room.is_lacking(error) and not room.suffices():
        _wait_for_room(run)
    elif run.attempts >= settings.PULSAR.scheduler.max_attempts:
        end(run, State.FAILED, reason=_plainly(error))
    else:
        logger.warning("Failed: %s Tried again.", _plainly(error))
        after = timedelta(seconds=settings.PULSAR.scheduler.resend_seconds)
        reason = _plainly(error)
        claims.wait(run, reason=reason, counts=True, not_before=now() + after)
        put_back(run)


def _wait_for_room(run: TrainingRun) -> None:
    is_elsewhere = room.suffices()
    if is_elsewhere and run.attempts >= settings.PULSAR.scheduler.max_attempts:
        # Full by a measure that we do not have: to wait for more bytes has no end.
        end(run, State.FAILED, reason=room.words())
        return
    reason = f"{room.words(room.PART)} {_GOES_ON}"
    claims.wait(run, reason=reason, counts=is_elsewhere)
    logger.warning("%s", reason)
    put_back(run)


def _hand_over(run: TrainingRun, why: Interrupted) -> None:
    """Have a worker go on with what this process must leave."""
    try:
        claims.give_back(run)
    except Cancelled as request:
        end(run, State.CANCELLED, reason=str(request))
    except LeaseLost as lost:
        logger.warning("%s", lost)
    else:
        logger.warning("%s A worker goes on.", why)
        put_back(run)
        send(run)


def _plainly(error: Exception) -> str:
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{str(error.strerror or error).rstrip('.')}."
    if isinstance(error, _DATABASE):
        return f"The database refused: {str(error).rstrip('.')}."
    if isinstance(error, MemoryError):
        return "The machine has too little memory for it."
    words = f"{type(error).__name__}: {error}".rstrip(" .:")
    return f"A fault of this site: {words}. Its log says where."
