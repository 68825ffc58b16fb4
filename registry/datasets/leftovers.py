"""What work left that nobody finished: files that nothing names any more."""

import re
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from monitor.work import ENDED
from registry.datasets.ask import COMING
from registry.datasets.build import KEPT, tidy
from registry.datasets.disk import folder
from registry.exports.clear import COMING as UNFINISHED
from registry.exports.clear import clear_ended
from registry.models import Build, Dataset

# Longer than any build; what is younger may still get its row.
_AGE = timedelta(days=1)
_HASH = re.compile(r"[0-9a-f]{64}")


def remove(at: datetime) -> list[Path]:
    """Remove what died workers and requests left; returns it."""
    for ended in _untidy():
        tidy(ended)
    clear_ended()
    gone = [path for path in _nameless() if _is_old(path, at)]
    for path in gone:
        shutil.rmtree(path, ignore_errors=True)
    return gone


def _untidy() -> list[Build]:
    """Builds that the sweep has ended, with all that was brought."""
    numbers = [
        int(path.name)
        for path in folder("builds").iterdir()
        if path.name.isdecimal() and any(p.name != KEPT for p in path.iterdir())
    ]
    return list(Build.objects.filter(pk__in=numbers, state__in=ENDED))


def _nameless() -> Iterator[Path]:
    for brought in ("builds", "pushes"):
        yield from folder(brought).glob(f"{COMING}*")
    # Of a child that opened a foreign model, when its worker was killed.
    yield from folder("pushes").glob("*/work-*")
    # An artefact that was being copied to where versions lie.
    yield from folder("models").glob(".*")
    # Labels that were being given out.
    yield from folder("exports").glob(f"*/{UNFINISHED}*")
    named = set(Dataset.objects.values_list("sha256", flat=True))
    for path in folder("datasets").iterdir():
        if _HASH.fullmatch(path.name) and path.name not in named:
            yield path


def _is_old(path: Path, at: datetime) -> bool:
    return path.stat().st_mtime < (at - _AGE).timestamp()
