"""Bring retrainings further: cut off at any line, the next one goes on there."""

import logging
from collections.abc import Callable

from monitor import logs
from monitor.leases import hold
from pulsar_ml.errors import PulsarError
from registry.errors import RegistryError
from registry.models import Retraining
from registry.triggers import comparing, freezing, training
from registry.triggers.stage import SECONDS, Stage, end

logger = logging.getLogger(__name__)

_STEPS: dict[str, Callable[[Retraining], bool]] = {
    Stage.FREEZING: freezing.step,
    Stage.TRAINING: training.step,
    Stage.COMPARING: comparing.step,
    Stage.WAITING: comparing.wait,
}
_NEEDED = ("trigger", "decision__by", "build__dataset", "run__version__model")
_JUDGED = ("version__model", "comparison__champion__model")


def advance_all() -> None:
    """All that are not at their end; whatever becomes of one."""
    for pk in Retraining.objects.filter(open=True).values_list("pk", flat=True):
        _one(pk)


def advance(retraining: Retraining) -> None:
    """As far as it comes without waiting; one process at a time."""
    # All that it asks for carries its name, and is found again by it.
    with hold(str(retraining), SECONDS) as held, logs.request(str(retraining)):
        while held and (found := _open(retraining.pk)) and _step(found):
            pass


def _one(pk: int) -> None:
    try:
        advance(Retraining(pk=pk))
    # The door of one retraining: what broke may be mended by the next look.
    except Exception:
        logger.exception("Retraining %s could not go on", pk)


def _open(pk: int) -> Retraining | None:
    found = Retraining.objects.filter(pk=pk, open=True)
    return found.select_related(*_NEEDED, *_JUDGED).first()


def _step(retraining: Retraining) -> bool:
    try:
        return _STEPS[retraining.stage](retraining)
    except (RegistryError, PulsarError) as error:
        end(retraining, Stage.FAILED, str(error))
        return False
