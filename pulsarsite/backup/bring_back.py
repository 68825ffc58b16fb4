"""Put a back-up into the place of a site; killed at any line, it is begun again."""

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connections
from django.utils.timezone import now

from monitor import crash
from monitor.clock import turn
from monitor.events import record
from monitor.models import Lease, Ping
from monitor.work import State, Work
from pulsar_ml.place import sync
from pulsarsite import prepare
from pulsarsite.backup import compatible, engine, quiet, stored
from pulsarsite.backup.copy import copy, settle
from pulsarsite.backup.errors import CannotRestore, Damaged
from pulsarsite.backup.manifest import STORAGE, Manifest
from pulsarsite.backup.mark import Mark
from pulsarsite.backup.progress import Progress, Tell, words

# Where files wait until all are there.
_WAITING = ".restoring"


def bring_back(folder: Path, tell: Tell, *, replace: bool) -> Manifest:
    """Make the site what it was; nothing is touched before all of it was checked."""
    root: Path = settings.PULSAR.storage.root
    folder = folder.absolute()
    made = Manifest.read(folder)
    compatible.refuse_if_not(folder, made)
    with quiet.nobody_else(root):
        at = now()
        mark = Mark.find(root)
        if mark is None:
            quiet.refuse_signs_of_life(at)
            _refuse_unless_empty(root, replace=replace)
        elif mark.is_clear:
            _remove_begun(root)
        _refuse_too_little_room(root, made)
        tell(f"Checking {len(made.files)} files, {words(made.size)}.")
        made.verify(folder, lambda: None)
        mark = _clear(mark or Mark.begin(root, at))
        _files(folder, made, root, tell)
        _databases(folder, made, tell)
        _wake(now())
        record(
            "backup.restored",
            about=folder.name,
            made_at=made.made_at,
            version=made.version,
        )
        mark.end()
    return made


def _refuse_unless_empty(root: Path, *, replace: bool) -> None:
    if replace:
        return
    full = [alias for alias in engine.ALIASES if not engine.of(alias).is_empty()]
    found = [f"the database {alias} has tables" for alias in full]
    if first := next(stored.find(root), None):
        found.append(f"{root / first.name} is there")
    if found:
        raise CannotRestore(
            f"There is a site already: {', '.join(found)}. With --replace what is there"
            f" is moved to a folder in {root}, and the back-up takes its place."
        )


def _remove_begun(root: Path) -> None:
    """Remove the files of a restore that did not end: they take the room it needs."""
    for name in (_WAITING, *stored.KEPT):
        shutil.rmtree(root / name, ignore_errors=True)


def _refuse_too_little_room(root: Path, made: Manifest) -> None:
    free, wanted = shutil.disk_usage(root).free, made.size
    if free < wanted:
        raise CannotRestore(
            f"{root} has {words(free)} free, and {words(wanted)} are needed."
        )


def _clear(mark: Mark) -> Mark:
    """Move what is there aside; begun before, what is left of it."""
    if mark.is_clear:
        return mark
    mark.folder.mkdir(mode=0o700, exist_ok=True)
    for kind in (*stored.KEPT, *stored.BY_ROW):
        if (mark.root / kind).exists():
            (mark.root / kind).rename(mark.folder / kind)
            crash.at("restore.aside")
    for alias in engine.ALIASES:
        engine.of(alias).move_aside(mark.folder)
    if not any(mark.folder.iterdir()):
        mark.folder.rmdir()
    crash.at("restore.clearing")
    return mark.clear()


def _files(folder: Path, made: Manifest, root: Path, tell: Tell) -> None:
    waiting = root / _WAITING
    waiting.mkdir(mode=0o700)
    names = [name for name in made.files if name.startswith(f"{STORAGE}/")]
    _copy_all(folder, made, names, waiting, tell)
    crash.at("restore.files")
    for kind in (waiting / STORAGE).glob("*"):
        kind.rename(root / kind.name)
        crash.at("restore.placing")
    shutil.rmtree(waiting)
    sync(root)


def _copy_all(
    folder: Path, made: Manifest, names: Sequence[str], waiting: Path, tell: Tell
) -> None:
    progress = Progress("storage", sum(made.files[name].size for name in names), tell)
    for name in names:
        copied = copy(folder / name, waiting / name, lambda: None)
        if copied != made.files[name]:
            raise Damaged(f"{folder / name} was changed meanwhile.")
        progress.add(copied.size)
    settle(waiting)


def _databases(folder: Path, made: Manifest, tell: Tell) -> None:
    for alias, held in made.databases.items():
        engine.of(alias).load(folder / held.file)
        tell(f"{alias}: {sum(held.rows.values())} rows")
        crash.at("restore.database")
    for alias in engine.ALIASES:
        prepare.apply(alias)
        connections[alias].close()
    crash.at("restore.migrated")


def _wake(at: datetime) -> None:
    """Nobody holds any more what was held when the back-up was made."""
    Lease.objects.all().delete()
    Ping.objects.filter(slug=turn.SLUG).update(by="")
    for kind in Work.__subclasses__():
        held = kind.objects.filter(state=State.RUNNING).exclude(lease_until=None)
        held.update(lease_until=at)
