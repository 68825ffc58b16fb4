"""One attempt at a piece of work: whatever stops it is told, or another goes on."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import Error, close_old_connections

from monitor import claims, room
from monitor.send import send
from monitor.work import Cancelled, Interrupted, LeaseLost, State, Stopped, Work
from pulsar_ml.errors import PulsarError
from registry.errors import RegistryError

logger = logging.getLogger(__name__)

# Closes the work in this state, with this reason.
End = Callable[[State, str], None]


def _nothing() -> None:
    """Leave everything where it is."""


def attempt(
    work: Work,
    do: Callable[[], None],
    *,
    end: End,
    clear: Callable[[], None] = _nothing,
) -> None:
    """Do what is claimed already; `clear` gives its room back before it waits."""
    try:
        _attempt(work, do, end, clear)
    except LeaseLost as lost:
        logger.warning("%s", lost)  # whoever has it now brings it to its end
    except Cancelled as request:
        end(State.CANCELLED, str(request))


def _attempt(
    work: Work, do: Callable[[], None], end: End, clear: Callable[[], None]
) -> None:
    try:
        do()
    except Interrupted:
        claims.give_back(work)
        send(work)
    except (PulsarError, RegistryError) as error:
        end(State.FAILED, str(error))
    except OSError as error:
        _lacking(work, error, end, clear)
    except (Stopped, Error):
        # What the database could not take begins anew when the lease has ended.
        close_old_connections()
        raise
    except MemoryError:
        end(State.FAILED, "The machine has too little memory for it.")
    # The door of one piece of work: a fault of ours is told on its page, too.
    except Exception as error:
        logger.exception("Nobody has foreseen this in %s", work)
        words = f"{type(error).__name__}: {error}".rstrip(" .:")
        end(State.FAILED, f"A fault of this site: {words}.")


def _lacking(work: Work, error: OSError, end: End, clear: Callable[[], None]) -> None:
    """Wait for room if that is what is lacking, or end."""
    most = settings.PULSAR.scheduler.max_attempts
    if not room.is_lacking(error):
        reason = f"The storage of the site refused: {error.strerror or error}."
        end(State.FAILED, reason)
    elif room.suffices() and work.attempts >= most:
        # Full by a measure that we do not have: to wait for more bytes has no end.
        end(State.FAILED, room.words())
    else:
        # Whoever has lost it would wipe what another has made since.
        claims.keep(work)
        clear()
        reason = f"{room.words(room.PART)} It begins anew by itself when there is room."
        claims.wait(work, reason=reason, counts=room.suffices())
