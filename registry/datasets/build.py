"""Work on a build until it ends: a dataset brought in or frozen, or labels."""

import logging
import shutil
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import Error, close_old_connections, transaction

from monitor import claims, crash, room
from monitor.events import record
from monitor.send import send
from monitor.work import Cancelled, Interrupted, LeaseLost, State, Stopped
from pulsar_ml.errors import PulsarError
from registry.datasets import bring_in, freeze, rejects
from registry.datasets.beat import BuildBeat
from registry.errors import RegistryError
from registry.labels import bring_in as labels
from registry.labels import land
from registry.models import Build

logger = logging.getLogger(__name__)

Verb = Callable[[Build, BuildBeat], dict[str, Any]]
_VERBS: dict[str, Verb] = {
    Build.Kind.IMPORT: bring_in.bring_in,
    Build.Kind.FREEZE: freeze.freeze,
    Build.Kind.LABELS: labels.bring_in,
}
# What ends well otherwise than by its row alone.
_LANDS: dict[str, Callable[[Build, dict[str, Any]], None]] = {
    Build.Kind.LABELS: land.land,
}
# What stays when it has ended: the others are as large as what was brought.
KEPT = "rejects.jsonl"


def build(wanted: Build, stopping: Callable[[], bool] = lambda: False) -> None:
    """Work on it from the start, unless another worker has it."""
    if not claims.claim(wanted):
        return
    try:
        _try(wanted, stopping)
    except LeaseLost:
        return  # whoever has it now brings it to its end
    except Cancelled as request:
        _end(wanted, State.CANCELLED, str(request))
    except Interrupted:
        claims.give_back(wanted)
        send(wanted)


def _try(wanted: Build, stopping: Callable[[], bool]) -> None:
    try:
        _work(wanted, stopping)
    except (PulsarError, RegistryError) as error:
        _end(wanted, State.FAILED, str(error))
    except OSError as error:
        _lacking(wanted, error)
    except (Stopped, Error):
        # What the database could not take begins anew when the lease has ended.
        close_old_connections()
        raise
    except MemoryError:
        _end(wanted, State.FAILED, "The machine has too little memory for it.")
    # The door of one build: a fault of ours is told on its page, too.
    except Exception as error:
        logger.exception("Nobody has foreseen this in %s", wanted)
        words = f"{type(error).__name__}: {error}".rstrip(" .:")
        _end(wanted, State.FAILED, f"A fault of this site: {words}.")


def tidy(ended: Build) -> None:
    """Remove what nobody needs any more: all but what it refused."""
    for path in ended.folder.glob("*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name != KEPT:
            path.unlink(missing_ok=True)


def _work(wanted: Build, stopping: Callable[[], bool]) -> None:
    room.check()
    _clear(wanted)
    crash.at("build.begun")
    came = _VERBS[wanted.kind](wanted, BuildBeat(wanted, stopping))
    crash.at("build.done")
    _LANDS.get(wanted.kind, _close)(wanted, came)
    tidy(wanted)


def _close(wanted: Build, came: dict[str, Any]) -> None:
    claims.close(wanted, State.SUCCESS, **came)


def _clear(wanted: Build) -> None:
    """Remove what a worker left that died over it."""
    brought = {KEPT, *wanted.order["files"]}
    for path in wanted.folder.glob("*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name not in brought:
            path.unlink(missing_ok=True)


def _lacking(wanted: Build, error: OSError) -> None:
    """Wait for room if that is what is lacking, or end."""
    most = settings.PULSAR.scheduler.max_attempts
    if not room.is_lacking(error):
        reason = f"The storage of the site refused: {error.strerror or error}."
        _end(wanted, State.FAILED, reason)
    elif room.suffices() and wanted.attempts >= most:
        # Full by a measure that we do not have: to wait for more bytes has no end.
        _end(wanted, State.FAILED, room.words())
    else:
        _wait(wanted)


def _wait(wanted: Build) -> None:
    _clear(wanted)
    reason = f"{room.words(room.PART)} It begins anew by itself when there is room."
    try:
        claims.wait(wanted, reason=reason, counts=room.suffices())
    except Cancelled as request:
        _end(wanted, State.CANCELLED, str(request))
    except LeaseLost:
        return


def _end(ended: Build, state: State, reason: str) -> None:
    n_rejected = rejects.count(ended)
    with transaction.atomic():
        if not claims.close(ended, state, reason=reason, n_rejected=n_rejected):
            return
        record(
            ended.EVENTS[state],
            about=str(ended),
            who=ended.by_id,
            name=ended.name,
            reason=reason,
            rejected=n_rejected,
        )
    tidy(ended)
