"""The table over every row of a batch, read from its parts."""

from showroom.rows.choosing import where
from showroom.rows.counting import counts
from showroom.rows.opening import metadata_columns, scores
from showroom.rows.paging import Page, beside, page
from showroom.rows.reading import Row, blocks, one, query, rejects

__all__ = [
    "Page",
    "Row",
    "beside",
    "blocks",
    "counts",
    "metadata_columns",
    "one",
    "page",
    "query",
    "rejects",
    "scores",
    "where",
]
