"""Many rows of one call, as a batch that is classified while the caller waits."""

import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from accounts.models import User
from monitor.work import Queue, State
from pulsar_ml.features import FEATURES
from pulsar_ml.place import sync
from registry.models import Version
from showroom import parts
from showroom.classify import classify
from showroom.errors import Made
from showroom.gather import gather
from showroom.models import Batch
from showroom.receive import Stored, folder, keep, look_again
from showroom.storage.quota import admit

logger = logging.getLogger(__name__)

# In a format that keeps every digit.
NAME = "rows.jsonl"


def at_once(
    version: Version, features: NDArray[np.float64], *, by: User, private: bool
) -> Batch:
    """Keep the rows as a file, and score it; or say where it stands if it must wait."""
    content = b"".join(map(_line, features.tolist()))
    admit(len(content))
    temporary = parts.temporary() / uuid4().hex
    try:
        file = _file(content, temporary)
        batch = gather(
            [file],
            title=f"{len(features):,} rows of a program",
            owner=by,
            private=private,
            version=version,
            queue=Queue.INTERACTIVE,
            source=Batch.Source.API,
        )
        with naming(batch):
            look_again(file)
    finally:
        temporary.unlink(missing_ok=True)
    classify(batch)
    batch.refresh_from_db()
    if batch.state != State.SUCCESS:
        state = batch.get_state_display().lower()
        why = batch.reason or "Look there what comes of it."
        raise Made(f"Batch {batch.pk} is {state}: {why}")
    return batch


@contextmanager
def naming(batch: Batch) -> Iterator[None]:
    """Name the batch where its files refuse: who asked learns that it is there."""
    try:
        yield
    except OSError as error:
        logger.exception("Batch %s cannot be answered with", batch.pk)
        why = f"the storage refused: {error.strerror or error}"
        raise Made(
            f"Batch {batch.pk} was made, but {why}. Look there what comes of it."
        ) from error


def _line(row: list[float]) -> bytes:
    return json.dumps(dict(zip(FEATURES, row, strict=True))).encode() + b"\n"


def _file(content: bytes, temporary: Path) -> Stored:
    temporary.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    file = Stored(NAME, sha256, len(content), temporary)
    keep(file)
    sync(folder())
    return file
