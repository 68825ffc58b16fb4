"""The files of a training: which are given out, and which go when it has succeeded."""

import shutil
from pathlib import Path
from typing import Any

from registry.models import TrainingRun
from registry.training import plan

# A copy of the dataset, which is kept where datasets lie, and room for calculations.
_PASSING = ("rows.parquet", "temp")


def kept(run: TrainingRun) -> list[dict[str, Any]]:
    """Name, size and sha256 of each file that its steps have left and that is there."""
    left = run.steps.filter(rehearsal=False).order_by("pk")
    listed = [file for step in left for file in step.outputs]
    return [file for file in listed if (run.folder / file["name"]).is_file()]


def path(run: TrainingRun, name: str) -> Path | None:
    """Where one of them lies; nothing else is given out."""
    known = any(file["name"] == name for file in kept(run))
    return run.folder / name if known else None


def tidy(run: TrainingRun) -> int:
    """Remove what nobody needs of a training that has succeeded; bytes freed."""
    going = [plan.rehearsal(run), *(run.folder / name for name in _PASSING)]
    # What a process that was killed had begun to write.
    going += run.folder.glob(".*")
    return sum(remove(path) for path in going)


def remove(path: Path) -> int:
    """Remove a file or a folder that may be there; bytes freed."""
    if path.is_dir():
        size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        shutil.rmtree(path, ignore_errors=True)
        return size
    size = path.stat().st_size if path.exists() else 0
    path.unlink(missing_ok=True)
    return size
