"""What is measured each minute: apps say how, the tick asks them."""

import logging
from collections.abc import Callable
from datetime import datetime

logger = logging.getLogger(__name__)

# Puts its samples down, as of this moment.
Gatherer = Callable[[datetime], None]

declared: list[Gatherer] = []


def declare(gatherer: Gatherer) -> None:
    """Say in an AppConfig.ready() what should be measured each minute."""
    if gatherer not in declared:
        declared.append(gatherer)


def gather(at: datetime) -> None:
    """Have everything measured that is declared; then say if something was not."""
    if failed := [error for one in declared if (error := _failed(one, at))]:
        raise failed[0]


def _failed(gatherer: Gatherer, at: datetime) -> Exception | None:
    try:
        gatherer(at)
    # The door of one app: another app's figures do not depend on it.
    except Exception as error:
        logger.exception("%s could not be measured", gatherer.__module__)
        return error
    return None
