"""Where results go: one file a kind, all of them listed here."""

from dispatch.choose import choose
from dispatch.sinks.dataset import Dataset
from dispatch.sinks.files import Files
from dispatch.sinks.scores import Scores
from dispatch.sinks.sink import Sink
from dispatch.sinks.table import Table

__all__ = ["SINKS", "Dataset", "Files", "Scores", "Sink", "Table", "of"]

SINKS: tuple[type[Scores | Files | Table | Dataset], ...] = (
    Scores,
    Files,
    Table,
    Dataset,
)


def of(values: object) -> Sink:
    """The sink that a schedule's settings describe."""
    return choose(SINKS, values, "sink")
