"""The files of an export, in a folder that has no name yet."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from monitor.room import check
from pulsar_ml import parquet, safe_csv
from pulsar_ml.datasets.holdout import in_holdout
from pulsar_ml.place import sync
from registry.datasets import known
from registry.datasets.beat import BuildBeat
from registry.datasets.disk import temporary
from registry.exports.columns import COLUMNS, cells
from registry.exports.gone import GONE, gone, lines
from registry.models import Export, Label

CSV, PARQUET = "labels.csv", "labels.parquet"
MANIFEST = "manifest.json"
FILES = {
    CSV: "text/csv; charset=utf-8",
    PARQUET: "application/vnd.apache.parquet",
    GONE: "text/csv; charset=utf-8",
    MANIFEST: "application/json",
}
_AT_ONCE = 5_000


def write(export: Export, folder: Path, beat: BuildBeat) -> dict[str, Any]:
    """Write the labels of an export; what its manifest says."""
    told = _Told()
    parts = list(_parts(export, folder, beat, told))
    about = {"model": export.model.name, "export": str(export.number)}
    parquet.describe(folder / PARQUET, parts, COLUMNS, about, temp=temporary())
    for part in parts:
        part.unlink()
    told.n_gone = _write_gone(export, folder / GONE)
    for name in (CSV, GONE):
        sync(folder / name)
    manifest = _manifest(export, folder, told)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")
    sync(folder / MANIFEST)
    sync(folder)
    return manifest


class _Told:
    """What is counted while labels pass."""

    def __init__(self) -> None:
        self.n = self.n_pulsars = self.n_holdout = self.n_gone = 0
        self.origins: Counter[str] = Counter()
        self.words: Counter[str] = Counter()
        self.first: Label | None = None
        self.last: Label | None = None

    def see(self, label: Label, *, holdout: bool) -> None:
        self.n += 1
        self.n_pulsars += label.is_pulsar
        self.n_holdout += holdout
        self.origins[label.drawn] += 1
        self.words[label.verdict] += 1
        self.first = self.first or label
        self.last = label


def _parts(
    export: Export, folder: Path, beat: BuildBeat, told: _Told
) -> Iterator[Path]:
    """Write the CSV line by line; and the same rows as parts for the other file."""
    import pandas as pd  # slow, and no page needs it

    sides, n = _sides(export, beat), export.exported.count()
    beat.say("Writing the labels", n)
    with (folder / CSV).open("w", newline="") as stream:
        safe_csv.write(stream, [list(COLUMNS)])
        for number, labels in enumerate(_blocks(export)):
            check()
            rows = list(_rows(labels, sides, told))
            safe_csv.write(stream, map(_plain, rows))
            path = folder / f"part-{number}.parquet"
            frame = pd.DataFrame(rows, columns=[f"c{i}" for i in range(len(COLUMNS))])
            parquet.write(path, _typed(frame), temp=temporary())
            yield path
            beat(told.n, n)


def _write_gone(export: Export, path: Path) -> int:
    """Which labels hold no more that were given out: all of them, each time."""
    n = -1  # the heading is no label
    with path.open("w", newline="") as stream:
        for line in lines(gone(export.model, export)):
            stream.write(line)
            n += 1
    return n


def _typed(frame: Any) -> Any:
    """Numbers that may be missing stay numbers."""
    whole = [
        f"c{place}" for place, kind in enumerate(COLUMNS.values()) if kind == "bigint"
    ]
    return frame.astype(dict.fromkeys(whole, "Int64"))


def _sides(export: Export, beat: BuildBeat) -> dict[str, bool]:
    """Which of them no version may ever learn from, as in a dataset."""
    beat.say("Marking the hold-out")
    chosen = export.exported.values_list("label__hash", "label__pointing")
    groups = {digest: pointing or digest for digest, pointing in chosen}
    if not groups:
        return {}
    before, hashes = known.earlier(), np.array(list(groups))
    sides = beat.aside(lambda _seen: known.sides(hashes, before))
    return {one: sides.get(one, in_holdout(group)) for one, group in groups.items()}


def _rows(
    labels: Sequence[Label], sides: Mapping[str, bool], told: _Told
) -> Iterator[list[Any]]:
    for label in labels:
        holdout = sides[label.hash]
        told.see(label, holdout=holdout)
        yield cells(label, holdout=holdout)


def _blocks(export: Export) -> Iterator[list[Label]]:
    """The labels of an export in their order, so many at once."""
    chosen, last = export.exported.order_by("label"), 0
    while block := list(
        chosen.filter(label__gt=last).select_related("label")[:_AT_ONCE]
    ):
        yield [one.label for one in block]
        last = block[-1].label_id


def _plain(row: Sequence[Any]) -> list[Any]:
    """As a line of CSV has it: moments in RFC 3339, truth as 1 and 0."""
    names = dict(zip(COLUMNS, row, strict=True))
    names["at"] = names["at"].isoformat().replace("+00:00", "Z")
    names["holdout"] = int(names["holdout"])
    return list(names.values())


def _manifest(export: Export, folder: Path, told: _Told) -> dict[str, Any]:
    return {
        "model": export.model.name,
        "export": export.number,
        "asked_at": export.created_at.isoformat(),
        "labels": told.n,
        "pulsars": told.n_pulsars,
        "holdout": told.n_holdout,
        "gone": told.n_gone,
        "by_origin": dict(sorted(told.origins.items())),
        "by_word": dict(sorted(told.words.items())),
        "first": _named(told.first),
        "last": _named(told.last),
        "columns": COLUMNS,
        "files": {name: _described(folder / name) for name in (CSV, PARQUET, GONE)},
    }


def _named(label: Label | None) -> dict[str, Any] | None:
    return {"label": label.pk, "at": label.at.isoformat()} if label else None


def _described(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return {"sha256": sha256, "size": path.stat().st_size}
