"""What lies beside a version's card in its artefact: read once, its hashes checked."""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from pulsar_ml import artefact
from pulsar_ml.errors import BadArtefact
from registry.models import Version

Json = Mapping[str, Any]


class File(NamedTuple):
    """A file of the artefact."""

    name: str
    size: int
    sha256: str


class Kept(NamedTuple):
    """What pages need of an artefact; None where it is older than its evaluation."""

    evaluation: Json | None
    reference: Json
    files: list[File]


def read(version: Version) -> Kept:
    """What the artefact of a version keeps; raises BadArtefact if it is not whole."""
    return _read(version.folder, version.sha256)


def content(version: Version, name: str) -> bytes | None:
    """One file of the artefact, as it was registered."""
    files, _ = artefact.read(version.folder, sha256=version.sha256)
    return files.get(name)


# Under one hash lie the same bytes for ever. An evaluation is some 200 KB.
@lru_cache(maxsize=16)
def _read(folder: Path, sha256: str) -> Kept:
    files, _ = artefact.read(folder, sha256=sha256)
    try:
        evaluation = json.loads(files.get(artefact.EVALUATION, b"null"))
        reference = json.loads(files[artefact.REFERENCE])
    except ValueError as error:
        raise BadArtefact(f"{folder} has a file that is no JSON: {error}.") from error
    listed = [
        File(name, len(held), hashlib.sha256(held).hexdigest())
        for name, held in sorted(files.items())
    ]
    return Kept(evaluation, {k: reference[k] for k in ("ranges", "box")}, listed)
