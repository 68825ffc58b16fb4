"""Where sentinels stand: in which datasets, and which versions have seen them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from pulsar_ml import parquet
from pulsar_ml.datasets import store
from pulsar_ml.errors import PulsarError
from registry import serving
from registry.datasets.disk import temporary
from registry.models import Dataset, Sentinel, Version


@dataclass
class Uses:
    """Of one sentinel."""

    datasets: list[Dataset] = field(default_factory=list)
    # Versions with an alias that were trained on it: it says nothing of them.
    versions: list[Version] = field(default_factory=list)


def uses(sentinels: Sequence[Sentinel]) -> dict[str, Uses]:
    """By hash; a dataset whose files are gone, and a damaged version, are left out."""
    found: dict[str, Uses] = defaultdict(Uses)
    wanted = frozenset(sentinel.hash for sentinel in sentinels)
    if not wanted:
        return found
    there = {
        path: dataset
        for dataset in Dataset.objects.order_by("number")
        if (path := dataset.folder / store.ROWS).is_file()
    }
    datasets = list(there.values())
    for place, digest in _held(tuple(there), wanted) if there else ():
        found[digest].datasets.append(datasets[place])
    for version in _standing():
        for digest in _seen_by(version) & wanted:
            found[digest].versions.append(version)
    return found


def _standing() -> list[Version]:
    """Versions that answer somebody: those with an alias."""
    standing = Version.objects.ready().filter(aliases__isnull=False)
    return list(standing.distinct().newest_first())


@lru_cache(maxsize=32)
def _held(
    paths: tuple[Path, ...], wanted: frozenset[str]
) -> tuple[tuple[int, str], ...]:
    """Which of these each dataset has; it lies under its hash, and never changes.

    All are asked at once: to open DuckDB for each takes fifty times as long.
    """
    places = {path.parent.name: place for place, path in enumerate(paths)}
    folders = [path.parent for path in paths]
    with parquet.connection(temporary(), folders=folders) as opened:
        query = (
            f"select distinct filename, hash from {parquet.scan(paths)} "  # noqa: S608
            "where hash in (select unnest(?))"
        )
        rows = opened.execute(query, [sorted(wanted)]).fetchall()
    return tuple(sorted((places[Path(name).parent.name], one) for name, one in rows))


def _seen_by(version: Version) -> set[str]:
    try:
        return serving.serve(version).scorer.trained_on()
    except (PulsarError, OSError):
        return set()
