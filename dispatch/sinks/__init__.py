"""Where results go: one file a kind, all of them listed here."""

from dispatch.choose import choose
from dispatch.sinks.files import Files
from dispatch.sinks.scores import Scores
from dispatch.sinks.sink import Sink

__all__ = ["SINKS", "Files", "Scores", "Sink", "of"]

SINKS: tuple[type[Scores | Files], ...] = (Scores, Files)


def of(values: object) -> Sink:
    """The sink that a schedule's settings describe."""
    return choose(SINKS, values, "sink")
