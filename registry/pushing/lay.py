"""Lay out the folder of the child that opens a foreign model."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

from monitor import room
from pulsar_ml.datasets import holdout, store
from pulsar_ml.examine import order
from pulsar_ml.training import folder as files
from pulsar_ml.training import plan as plans
from registry.datasets.disk import temporary
from registry.errors import CannotPush
from registry.models import Dataset, Push, Sentinel
from registry.pushing.receive import came


def place(push: Push) -> Path:
    """Its folder: of this go at it alone."""
    return push.folder / f"work-{push.holder}"


def lay(push: Push) -> Path:
    """Make it, with all that the child reads."""
    clear(push)
    room.check()
    folder = place(push)
    folder.mkdir()
    with came(push).open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != push.sha256:
            raise CannotPush("The file is not what was brought: bring it again.")
    for name in push.told["files"]:
        (folder / name).hardlink_to(push.folder / name)
    seconds = settings.PULSAR.push.seconds
    order.write(folder, asked(push, seconds))
    _lay_rows(push, folder)
    return folder


def asked(push: Push, seconds: float) -> order.Order:
    """What the child is asked, and what it may use."""
    limits = settings.PULSAR.push
    present = Sentinel.objects.filter(removed_at=None)
    return order.Order(
        name=push.name,
        model=push.model,
        created=push.created_at.isoformat(timespec="seconds"),
        max_bytes=limits.max_mb * 2**20,
        memory_bytes=limits.memory_mb * 2**20,
        seconds=seconds,
        row_microseconds=limits.row_microseconds,
        must_be_alone=limits.allowed != "yes",
        threshold=push.told["threshold"],
        trained_on=push.told["trained_on"],
        dataset=_dataset(push.dataset) if push.dataset else None,
        sentinels=sorted(present.values_list("hash", flat=True)),
    )


def clear(push: Push) -> None:
    """Remove what a child left; the file itself stays as it came."""
    for path in push.folder.glob("work-*"):
        shutil.rmtree(path, ignore_errors=True)


def _dataset(dataset: Dataset) -> plans.Dataset:
    return plans.Dataset(
        path=str(dataset.folder / store.ROWS),
        sha256=dataset.sha256,
        name=dataset.name,
        number=dataset.number,
    )


def _lay_rows(push: Push, folder: Path) -> None:
    """Rows of a hold-out, on which a card's figures can be compared."""
    if push.dataset is None:
        return
    told = _dataset(push.dataset)
    table = store.read(
        Path(told.path), name=told.name, sha256=told.sha256, temp=temporary()
    )
    present = Sentinel.objects.filter(removed_at=None).values_list("hash", flat=True)
    barred = holdout.bar(table, set(present))
    held = barred.take(barred.holdout)
    arrays: dict[str, Any] = {
        "features": held.features.astype(np.float32),
        "labels": held.labels,
        "hashes": held.hashes,
    }
    files.write_arrays(folder / order.ROWS, arrays)
