"""Bring a site's databases to where the code is: safe to repeat, safe to interrupt."""

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor

from pulsarsite.backup import sqlite
from pulsarsite.config import secret_or_nothing

BACKUPS_KEPT = 5
# A database with the tables of one app alone: the others' migrations do nothing there,
# and take as long.
_APP = {"events": "monitor"}
ADMIN = "admin"
ADMIN_PASSWORD = "PULSARSITE_ADMIN_PASSWORD"  # noqa: S105  # where it stands


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Wait until no other set-up works on this storage."""
    with (root / "prepare.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def migrate(alias: str, root: Path, at: datetime) -> Iterator[str]:
    """Apply what is new to one database, with a copy of it made before."""
    pending = _pending(alias)
    if not pending:
        return
    if _holds_something(alias):
        yield f"{alias}: a copy is in {back_up(alias, root / 'backups', at)}"
    yield f"{alias}: applying {pending} migrations"
    apply(alias)


def apply(alias: str) -> None:
    """Make the tables of one database what this version has."""
    app = _APP.get(alias)
    only = [app] if app else []
    call_command("migrate", *only, database=alias, interactive=False, verbosity=0)


def _pending(alias: str) -> int:
    executor = MigrationExecutor(connections[alias])
    wanted = executor.loader.graph.leaf_nodes(_APP.get(alias))
    return len(executor.migration_plan(wanted))


def _holds_something(alias: str) -> bool:
    connection = connections[alias]
    return connection.vendor == "sqlite" and bool(
        connection.introspection.table_names()
    )


def back_up(alias: str, folder: Path, at: datetime) -> Path:
    """Copy an SQLite database that may be in use; only the newest copies are kept."""
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{alias}-{at:%Y%m%dT%H%M%S%fZ}.sqlite3"
    draft = folder / f"{alias}.part"
    draft.unlink(missing_ok=True)  # of a set-up that was killed
    source = connections[alias].settings_dict["NAME"]
    sqlite.copied(source, draft)
    draft.replace(path)
    for outdated in sorted(folder.glob(f"{alias}-*.sqlite3"))[:-BACKUPS_KEPT]:
        outdated.unlink()
    return path


def first_admin() -> str:
    """Create the first admin where there is nobody; the password if we made it up."""
    people: Any = get_user_model().objects
    if people.exists():
        return ""
    given = secret_or_nothing(ADMIN_PASSWORD).get_secret_value()
    password = given or secrets.token_urlsafe(12)
    with transaction.atomic():
        admin = people.create_superuser(ADMIN, password=password)
        admin.groups.add(Group.objects.get(name=ADMIN))
    return "" if given else password
