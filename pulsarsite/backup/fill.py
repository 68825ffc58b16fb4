"""Fill a back-up: databases, the files that their rows refer to, what else helps."""

from collections.abc import Iterator
from pathlib import Path

import yaml
from django.conf import settings
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.utils.timezone import now

import pulsarsite
from monitor import crash
from monitor.crontab import place
from monitor.crontab.errors import CrontabError
from pulsarsite import prepare
from pulsarsite.backup import engine, stored
from pulsarsite.backup.copy import Copied, copy, looked_at
from pulsarsite.backup.manifest import STORAGE, Held, Manifest
from pulsarsite.backup.progress import Beat, Progress, Tell, words
from pulsarsite.backup.refer import Referred, missing, referred

# Each time somebody removed something in between.
_LOOKS = 5


def fill(draft: Path, tell: Tell, beat: Beat) -> Manifest:
    """Databases first: a file is written before its row, and goes after it."""
    copied: dict[str, Copied] = {}
    lacking: list[str] = []
    for _ in range(_LOOKS):
        made_at = now()
        held = dict(_databases(draft, tell))
        wanted = _wanted(draft)
        crash.at("backup.databases")
        _storage(draft, copied, tell, beat)
        before, lacking = lacking, missing(wanted, draft / STORAGE, copied)
        # Somebody may have removed a batch meanwhile: then the rows are copied anew.
        if lacking in ([], before):
            break
        tell(f"Not as rows have it: {len(lacking)} files. Looking again.")
    tell(f"{len(copied)} files copied; those that rows refer to were checked.")
    files = {f"{STORAGE}/{name}": one for name, one in copied.items()}
    files |= _beside(draft, [one.file for one in held.values()], beat)
    return Manifest(made_at, pulsarsite.__version__, held, files, lacking)


def _databases(draft: Path, tell: Tell) -> Iterator[tuple[str, Held]]:
    """Each as it is at one moment, and while no migration changes it."""
    with prepare.alone(settings.PULSAR.storage.root):
        for alias in engine.ALIASES:
            database = engine.of(alias)
            path = draft / database.file
            path.parent.mkdir(mode=0o700, exist_ok=True)
            database.snapshot(path)
            with database.reading(path) as of_copy:
                applied = MigrationRecorder(connections[of_copy]).applied_migrations()
            names = sorted(".".join(key) for key in applied)
            vendor = connections[alias].vendor
            tell(f"{alias}: {words(path.stat().st_size)}")
            yield alias, Held(vendor, database.file, names, database.count(path))


def _storage(draft: Path, copied: dict[str, Copied], tell: Tell, beat: Beat) -> None:
    """What is not copied yet; what goes meanwhile is missed only if a row refers."""
    root: Path = settings.PULSAR.storage.root
    files = [file for file in stored.find(root) if file.name not in copied]
    progress = Progress("storage", sum(file.size for file in files), tell)
    for name, size in files:
        try:
            copied[name] = copy(root / name, draft / STORAGE / name, beat)
        except FileNotFoundError:
            continue
        progress.add(size)
    crash.at("backup.storage")


def _wanted(draft: Path) -> list[Referred]:
    database = engine.of("default")
    with database.reading(draft / database.file) as alias:
        return list(referred(alias))


def _beside(draft: Path, names: list[str], beat: Beat) -> dict[str, Copied]:
    """The hash of each database, and what one reads who makes the site anew."""
    # As it was understood: a comment may say what no key can hold.
    config = yaml.safe_load(settings.CONFIG_FILE.read_text()) or {}
    texts = {
        "config.yaml": yaml.safe_dump(config, allow_unicode=True, sort_keys=False),
        "crontab": _crontab(),
    }
    for name, text in texts.items():
        (draft / name).touch(mode=0o600)
        (draft / name).write_text(text)
    return {name: looked_at(draft / name, beat) for name in (*names, *texts)}


def _crontab() -> str:
    try:
        return place.text() or ""
    except CrontabError as error:
        return f"# It could not be read: {error}\n"
