"""Which files the rows of a database refer to, each with the hash that they know."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connections
from django.db.models import QuerySet

from pulsar_ml import artefact
from pulsar_ml.datasets.store import ROWS
from pulsarsite.backup.copy import Copied
from registry.models import Dataset, Version
from showroom.models import BatchFile, Chunk
from showroom.storage.remove import REMOVAL


class Referred(NamedTuple):
    """A file by its name in the storage; nothing where no row knows its hash."""

    name: str
    sha256: str = ""


def referred(alias: str) -> Iterator[Referred]:
    """Every file without which a row of this database could not be shown."""
    # Single columns: the code may be newer than the tables, and know more of them.
    yield from _uploads(alias)
    yield from _scores(alias)
    for sha256 in _hashes(Dataset.objects.using(alias)):
        yield Referred(f"datasets/{sha256}/{ROWS}", sha256)
    for sha256 in _hashes(_versions(alias)):
        yield Referred(f"models/{sha256}/{artefact.SUMS}", sha256)


def missing(
    wanted: Iterable[Referred], folder: Path, copied: Mapping[str, Copied]
) -> list[str]:
    """Those of them that a folder lacks, or has otherwise than the rows know them."""
    lists = [one for one in wanted if one.name.endswith(artefact.SUMS)]
    listed = (inner for one in lists for inner in _listed(folder, one))
    return sorted(
        {one.name for one in (*wanted, *listed) if not _is_right(one, copied)}
    )


def _is_right(one: Referred, copied: Mapping[str, Copied]) -> bool:
    found = copied.get(one.name)
    return found is not None and one.sha256 in {"", found.sha256}


def _uploads(alias: str) -> Iterator[Referred]:
    files = BatchFile.objects.using(alias).filter(removed_at=None)
    for sha256 in _hashes(files.exclude(batch__holder=REMOVAL)):
        yield Referred(f"uploads/{sha256}", sha256)


def _scores(alias: str) -> Iterator[Referred]:
    chunks = Chunk.objects.using(alias).exclude(batch__holder=REMOVAL).order_by()
    columns = chunks.values_list("batch", "part", "sha256", "rejects")
    for batch, part, sha256, rejects in columns.iterator():
        if part:
            yield Referred(f"scores/{batch}/{part}", sha256)
        if rejects:
            yield Referred(f"scores/{batch}/{rejects}")


def _listed(folder: Path, sums: Referred) -> Iterator[Referred]:
    """What a version's own list of its files says."""
    path = folder / sums.name
    if path.is_file():
        for line in path.read_text("utf-8", "replace").splitlines():
            known, _, name = line.partition("  ")
            yield Referred(sums.name.replace(artefact.SUMS, name), known)


def _versions(alias: str) -> QuerySet[Version]:
    """Those that are loaded: of what is quarantined no file is kept."""
    versions = Version.objects.using(alias)
    table = Version._meta.db_table  # noqa: SLF001  # public, says Django
    there = connections[alias]
    with there.cursor() as cursor:
        columns = there.introspection.get_table_description(cursor, table)
    # Tables from before there was a gate have none that is quarantined.
    if any(column.name == "registration" for column in columns):
        return versions.ready()
    return versions


def _hashes(rows: QuerySet[Any]) -> Iterator[str]:
    return rows.order_by().values_list("sha256", flat=True).distinct().iterator()
