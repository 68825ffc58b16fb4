"""Make a back-up while the site runs: whole under its name, or not at all."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from monitor import crash
from monitor.events import record
from pulsar_ml.place import sync
from pulsarsite.backup import engine, hold, stored
from pulsarsite.backup.copy import settle
from pulsarsite.backup.errors import CannotBackUp
from pulsarsite.backup.fill import fill
from pulsarsite.backup.manifest import Manifest
from pulsarsite.backup.progress import Tell, words


def make(target: Path, tell: Tell) -> Manifest:
    """Copy all that the site keeps into a folder that is not there yet."""
    root: Path = settings.PULSAR.storage.root
    target = target.absolute()
    _refuse(target, root)
    with hold.alone(root), hold.no_prune(tell) as turn:
        _refuse_too_little_room(target.parent, root)
        with _draft(target) as draft:
            made = fill(draft, tell, turn)
            made.write(draft)
            settle(draft)
            crash.at("backup.synced")
    about, files = target.name, len(made.files)
    missing = len(made.missing) or None
    record("backup.made", about=about, files=files, bytes=made.size, missing=missing)
    return made


def _refuse(target: Path, root: Path) -> None:
    if target.exists() or target.is_symlink():
        raise CannotBackUp(f"{target} is there already; name a folder that is not.")
    if not target.parent.is_dir():
        # Made here, it would lie where a disk should have been mounted.
        raise CannotBackUp(f"There is no folder {target.parent} for it to lie in.")
    if target.parent.resolve().is_relative_to(root.resolve()):
        raise CannotBackUp(
            f"{target} lies in storage.root, {root}: what takes that away takes both."
        )


def _refuse_too_little_room(folder: Path, root: Path) -> None:
    wanted = sum(file.size for file in stored.find(root))
    wanted += sum(engine.of(alias).size() for alias in engine.ALIASES)
    if folder.stat().st_dev == root.stat().st_dev:
        wanted += settings.PULSAR.storage.reserve_bytes
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise CannotBackUp(
            f"{folder} has {words(free)} free, and {words(wanted)} are needed."
        )


@contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """Where it grows until it gets its name; or nothing is left of it."""
    draft = target.with_name(f".{target.name}.unfinished")
    # Of one that was killed: no other is at work.
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    try:
        yield draft
        draft.rename(target)
        sync(target.parent)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
