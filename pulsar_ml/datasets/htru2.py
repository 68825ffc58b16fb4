"""HTRU2 as the UCI repository gives it out: a zip archive with the table in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath

from pulsar_ml.datasets.files import HTRU2
from pulsar_ml.errors import BadInput
from pulsar_ml.formats import archive, door, unpack
from pulsar_ml.loader import Source

ADDRESS = "https://archive.ics.uci.edu/static/public/372/htru2.zip"
ARCHIVE = "htru2.zip"
TITLE = "HTRU2"
# The same table twice; the first that is there is taken.
_TABLES = ("htru_2.csv", "htru_2.arff")


@contextmanager
def opened(source: Source) -> Iterator[Source]:
    """Give the table of HTRU2, for as long as the body runs.

    Parameters
    ----------
    source : Source
        The zip archive, or the table itself.

    Yields
    ------
    Source
        The table.

    Raises
    ------
    BadInput
        The archive is damaged, or has no such table.
    """
    with source.path.open("rb") as file:
        is_zip = file.read(2) == b"PK"
    if not is_zip:
        yield source
        return
    with archive.member(source, _table(source)) as table:
        yield table


def _table(source: Source) -> str:
    with door.words(source.name), unpack.zipped(source) as listing:
        members = {PurePath(name).name.casefold(): name for name in listing.members}
    for wanted in _TABLES:
        if wanted in members:
            return members[wanted]
    found = ", ".join(sorted(members)[:10]) or "nothing"
    raise BadInput(f"{source.name} holds no {HTRU2}; found was {found}.")
