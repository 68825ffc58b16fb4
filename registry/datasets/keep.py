"""Keep rows as the next dataset: under their hash, whole before anything names it."""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from django.db import IntegrityError, transaction

from accounts.models import User
from monitor import crash
from monitor.events import record
from pulsar_ml import parquet
from pulsar_ml.datasets import describe, store
from pulsar_ml.datasets.labelled import Labelled
from pulsar_ml.place import sync
from registry.datasets import known
from registry.datasets.beat import BuildBeat, Seen
from registry.datasets.disk import folder, temporary
from registry.errors import CannotBuild
from registry.models import Dataset

# Each time another dataset came in between.
_LOOKS = 20
_EVENTS = {
    Dataset.Source.IMPORT: "dataset.imported",
    Dataset.Source.FREEZE: "dataset.frozen",
}


@dataclass(frozen=True)
class Wanted:
    """What is said of a dataset besides its rows."""

    name: str
    source: Dataset.Source
    recipe: Mapping[str, Any]
    by: User | None
    n_rejected: int = 0
    parent: Dataset | None = None
    parent_rows: Labelled | None = None


@dataclass(frozen=True)
class _Made:
    """A dataset that lies in the storage, and has no number yet."""

    table: Labelled
    sha256: str
    path: Path


def keep(
    table: Labelled, wanted: Wanted, workshop: Path, beat: BuildBeat
) -> tuple[Dataset, bool]:
    """The dataset of these rows, and whether it is new; written in the workshop first.

    Its hold-out depends on the datasets before it. So its number is the next one from
    before they were looked at: should another take that, all is looked at again.
    """
    for _ in range(_LOOKS):
        before = known.earlier()
        beat.say("Marking the hold-out")
        marked = beat.aside(partial(mark, table, before))
        beat.say("Writing the rows and their description")
        made = beat.aside(partial(_make, marked, wanted, workshop))
        crash.at("build.made")
        beat.now()
        if same := Dataset.objects.filter(sha256=made.sha256).first():
            return same, False
        try:
            return _number(made, wanted, before[-1].number + 1 if before else 1), True
        except IntegrityError:
            continue
    raise CannotBuild("Other datasets are made all the time: try it again later.")


def mark(table: Labelled, before: Sequence[Dataset], _seen: Seen) -> Labelled:
    """The same rows, each on the side of the hold-out on which it was before."""
    sides = known.sides(table.hashes, before)
    given = zip(table.hashes.tolist(), table.holdout.tolist(), strict=True)
    holdout = np.fromiter((sides.get(h, side) for h, side in given), dtype=np.bool_)
    return replace(table, holdout=holdout)


def _make(table: Labelled, wanted: Wanted, workshop: Path, _seen: Seen) -> _Made:
    shutil.rmtree(workshop, ignore_errors=True)
    workshop.mkdir(parents=True)
    sha256 = store.write(workshop, table, temp=temporary())
    describe.write(workshop, table, wanted.parent_rows)
    path = folder("datasets") / sha256
    _place(workshop, path, sha256)
    return _Made(table, sha256, path / store.ROWS)


def _place(workshop: Path, path: Path, sha256: str) -> None:
    """Give the folder its name; what lies there is left if it is what it should be."""
    sync(workshop)
    while not _is_whole(path, sha256):
        if path.exists():
            path.rename(workshop.with_name(f"{workshop.name}-broken"))
        try:
            workshop.rename(path)
        except OSError:
            # Another build of the same rows may have been first.
            if not path.exists():
                raise
    # Left by another long ago, the sweep may be about to take it away.
    os.utime(path)
    sync(path.parent)


def _is_whole(path: Path, sha256: str) -> bool:
    rows = path / store.ROWS
    has_all = rows.is_file() and (path / describe.SUMMARY).is_file()
    return has_all and parquet.digest(rows) == sha256


def _number(made: _Made, wanted: Wanted, number: int) -> Dataset:
    table = made.table
    with transaction.atomic():
        dataset = Dataset.objects.create(
            number=number,
            name=wanted.name[:100],
            source=wanted.source,
            parent=wanted.parent,
            sha256=made.sha256,
            size=made.path.stat().st_size,
            n_rows=len(table),
            n_pulsars=table.pulsars,
            n_holdout=int(table.holdout.sum()),
            n_holdout_pulsars=int(table.labels[table.holdout].sum()),
            n_rejected=wanted.n_rejected,
            recipe=wanted.recipe,
            columns=[column._asdict() for column in store.dictionary(table)],
            created_by=wanted.by,
        )
        record(
            _EVENTS[wanted.source],
            about=str(dataset),
            who=wanted.by,
            name=dataset.name,
            rows=dataset.n_rows,
            pulsars=dataset.n_pulsars,
            rejected=dataset.n_rejected,
            sha256=dataset.sha256,
        )
    return dataset
