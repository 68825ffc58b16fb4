"""By the rows of which dataset two versions are compared."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from pulsar_ml import artefact, parquet
from pulsar_ml.datasets import store
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.errors import PulsarError
from pulsar_ml.evaluation.beside import FEWEST_PULSARS
from registry.datasets.disk import temporary
from registry.models import Dataset, Version

# Versions that have seen nearly all of so many have seen nearly all of the older ones.
_LOOKED_AT = 20
_Artefact = tuple[Path, str]


def chosen(candidate: Version, champion: Version) -> Dataset | None:
    """The newest with enough pulsars that are new to both; where none has, the newest.

    What cannot be read is passed by: who then works on the newest says what is wrong.
    """
    newest = list(Dataset.objects.order_by("-number")[:_LOOKED_AT])
    sides = [(version.folder, version.sha256) for version in (candidate, champion)]
    for dataset in newest:
        if dataset.n_pulsars < FEWEST_PULSARS:
            continue
        try:
            n = _unseen_pulsars(dataset.folder, dataset.sha256, *sorted(sides))
        except (PulsarError, OSError):
            continue
        if n >= FEWEST_PULSARS:
            return dataset
    return newest[0] if newest else None


def load(dataset: Dataset) -> Labelled:
    """All its rows; raises BadInput if they are not those that were stored."""
    path = dataset.folder / store.ROWS
    temp = settings.PULSAR.storage.root / "tmp"
    return store.read(path, name=str(dataset), sha256=dataset.sha256, temp=temp)


# Under one hash lie the same rows for ever, and the same version.
@lru_cache(maxsize=256)
def _unseen_pulsars(folder: Path, sha256: str, one: _Artefact, other: _Artefact) -> int:
    path = folder / store.ROWS
    if parquet.digest(path) != sha256:
        raise OSError(f"{path} is not what was stored")
    with parquet.connection(temporary(), folders=[folder]) as opened:
        query = f"select hash from {parquet.scan([path])} where label = 1"  # noqa: S608
        hashes = [digest for (digest,) in opened.execute(query).fetchall()]
    seen = _trained_on(*one) | _trained_on(*other)
    return sum(digest not in seen for digest in hashes)


def _trained_on(folder: Path, sha256: str) -> set[str]:
    files, _ = artefact.read(folder, sha256=sha256)
    return artefact.hashes(files[artefact.TRAINING])
