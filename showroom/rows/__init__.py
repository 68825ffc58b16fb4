"""The table over every row of a batch, read from its parts."""

from showroom.rows.choosing import where
from showroom.rows.counting import counts
from showroom.rows.opening import metadata_columns, scores
from showroom.rows.paging import Neighbours, Page, neighbours, page
from showroom.rows.reading import Row, blocks, one, query, rejects

__all__ = [
    "Neighbours",
    "Page",
    "Row",
    "blocks",
    "counts",
    "metadata_columns",
    "neighbours",
    "one",
    "page",
    "query",
    "rejects",
    "scores",
    "where",
]
