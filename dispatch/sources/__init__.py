"""Where candidates come from: one file a kind, all of them listed here."""

from dispatch.choose import choose
from dispatch.sources.folder import Folder
from dispatch.sources.source import Beat, Sample, Source
from dispatch.sources.table import Table

__all__ = ["SOURCES", "Beat", "Folder", "Sample", "Source", "Table", "of"]

SOURCES: tuple[type[Folder | Table], ...] = (Folder, Table)


def of(values: object) -> Source:
    """The source that a schedule's settings describe."""
    return choose(SOURCES, values, "source")
