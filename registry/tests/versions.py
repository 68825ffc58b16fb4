"""The shipped versions as others would be: another threshold, trained on other rows."""

import json
from collections.abc import Iterable
from pathlib import Path

from pulsar_ml import artefact
from pulsar_ml.serving import shipped
from registry.models import Version
from registry.register import register

FOREST, LOGISTIC = 0, 1


def version(
    folder: Path,
    which: int = FOREST,
    *,
    seen: Iterable[str] = (),
    threshold: float | None = None,
    **card: object,
) -> Version:
    """The next version: a shipped one that was trained on nothing but these."""
    files, _ = artefact.read(shipped()[which])
    told = json.loads(files[artefact.CARD]) | card
    told["threshold"] = told["threshold"] if threshold is None else threshold
    files |= {
        artefact.CARD: artefact.to_json(told),
        artefact.TRAINING: artefact.hash_list(seen),
    }
    place = folder / f"artefact-{len(list(folder.glob('artefact-*')))}"
    artefact.write(place, files)
    return register(place)
