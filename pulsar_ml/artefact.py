"""The folder that a model version is: which files, how written, how checked."""

import gzip
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from pulsar_ml.errors import BadArtefact

MODEL, CARD, REFERENCE = "model.onnx", "card.json", "reference.json"
TRAINING, HOLDOUT = "training.txt.gz", "holdout.txt.gz"
SUMS = "SHA256SUMS"
FILES = (CARD, HOLDOUT, MODEL, REFERENCE, TRAINING)
# What versions made before it have not.
EVALUATION = "evaluation.json"
OPTIONAL = (EVALUATION,)
# What a card says under ``trained_on`` where nobody knows the rows: the list of
# training rows is empty then, and says nothing.
TRAINED_ON, UNKNOWN = "trained_on", "unknown"


def write(folder: Path, files: Mapping[str, bytes]) -> str:
    """Write an artefact, whole or not at all.

    Parameters
    ----------
    folder : Path
        Where; nothing may be there yet, since a version never changes.
    files : mapping of str to bytes
        The content of each of `FILES`, and of what there is of `OPTIONAL`.

    Returns
    -------
    str
        The artefact's SHA-256: that of its SHA256SUMS.

    Raises
    ------
    BadArtefact
        If the folder is there already.
    """
    if folder.exists():
        raise BadArtefact(f"{folder} exists; a version is never overwritten.")
    names = sorted((*FILES, *(name for name in OPTIONAL if name in files)))
    sums = "".join(
        f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in names
    ).encode()
    draft = folder.with_name(f".{folder.name}.{uuid4().hex}")
    draft.mkdir(parents=True)
    try:
        for name in names:
            _write_synced(draft / name, files[name])
        _write_synced(draft / SUMS, sums)
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return hashlib.sha256(sums).hexdigest()


def read(folder: Path, *, sha256: str = "") -> tuple[dict[str, bytes], str]:
    """Read an artefact and believe nothing that its digests do not confirm.

    Parameters
    ----------
    folder : Path
        Of the artefact.
    sha256 : str, optional
        What was registered; empty to take the folder as it is.

    Returns
    -------
    tuple of dict and str
        The content of each of `FILES`, and of what it has of `OPTIONAL`; the
        artefact's SHA-256.

    Raises
    ------
    BadArtefact
        If a file is missing or is not what it was.
    """
    try:
        sums = (folder / SUMS).read_bytes()
        listed = _listed(sums)
        wanted = (*FILES, *(name for name in OPTIONAL if name in listed))
        files = {name: (folder / name).read_bytes() for name in wanted}
    except OSError as error:
        raise BadArtefact(f"{folder} is no whole artefact: {error}.") from error
    digest = hashlib.sha256(sums).hexdigest()
    if sha256 and digest != sha256:
        raise BadArtefact(f"{folder} is not the artefact that was registered.")
    for name, content in files.items():
        if hashlib.sha256(content).hexdigest() != listed.get(name):
            raise BadArtefact(f"{folder / name} is not the file that was registered.")
    return files, digest


def to_json(content: Mapping[str, Any]) -> bytes:
    """Write JSON for people and for `diff`.

    Parameters
    ----------
    content : mapping
        No NaN: JSON has none.

    Returns
    -------
    bytes
        Indented; a list of numbers stands in one line, and so does each mapping in a
        list.
    """
    return (_indented(content, "") + "\n").encode()


def hash_list(hashes: Iterable[str]) -> bytes:
    """Pack candidate hashes.

    Parameters
    ----------
    hashes : iterable of str
        As `pulsar_ml.features.candidate_hash` gives them.

    Returns
    -------
    bytes
        One hash a line, sorted, gzipped; the same hashes give the same bytes.
    """
    text = "".join(f"{line}\n" for line in sorted(hashes))
    return gzip.compress(text.encode("ascii"), mtime=0)


def hashes(packed: bytes) -> set[str]:
    """Unpack what `hash_list` packed.

    Parameters
    ----------
    packed : bytes
        Content of training.txt.gz or holdout.txt.gz.

    Returns
    -------
    set of str
        Candidate hashes.
    """
    return set(gzip.decompress(packed).decode("ascii").split())


def _listed(sums: bytes) -> dict[str, str]:
    """Read the digest of each file."""
    return {
        name: known
        for known, _, name in (
            line.partition("  ") for line in sums.decode("utf-8", "replace").split("\n")
        )
        if name
    }


def _indented(value: object, margin: str) -> str:
    inner = margin + "  "
    if isinstance(value, Mapping) and value:
        items = (f"{json.dumps(k)}: {_indented(v, inner)}" for k, v in value.items())
        return "{\n" + ",\n".join(inner + item for item in items) + f"\n{margin}}}"
    if isinstance(value, list) and value and isinstance(value[0], list):
        lines = (inner + _indented(item, inner) for item in value)
        return "[\n" + ",\n".join(lines) + f"\n{margin}]"
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        lines = (inner + _line(item) for item in value)
        return "[\n" + ",\n".join(lines) + f"\n{margin}]"
    return _line(value)


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
