"""Bring what an earlier release kept to this one; run inside a process of the site."""

import io
import json
import shutil
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from accounts.models import User
from pulsarsite.tests.made_up import DUMPS
from showroom.models import BatchFile

ALIASES = ("default", "events")
RELEASES = sorted(DUMPS.glob("*.tar.xz"))
# What a restore and a migration write themselves.
THEIRS = {
    *("auth_group_permissions", "auth_permission", "django_content_type"),
    *("django_migrations", "monitor_lease", "monitor_outbox"),
}
PAGES = (
    *("/", "/showroom/", "/showroom/cases/", "/showroom/storage/", "/dispatch/"),
    *("/dispatch/runs/", "/monitor/", "/monitor/events/", "/monitor/jobs/"),
    *("/monitor/alerts/", "/registry/", "/registry/pulsar/1/", "/registry/datasets/"),
    *("/registry/labels/", "/registry/sentinels/", "/registry/training/"),
    *("/accounts/preferences/", "/admin/", "/healthz", "/readyz"),
)


def unpacked(release: Path, folder: Path) -> Path:
    """The back-up that a release kept."""
    with tarfile.open(release) as archive:
        archive.extractall(folder, filter="data")
    return folder / release.name.removesuffix(".tar.xz")


def restored(before: str) -> None:
    """By `manage.py restore`, as one upgrades; each value must still be there."""
    call_command("restore", before, stdout=io.StringIO())
    lost = []
    for alias, old in _dumps(before):
        new = connections[alias].settings_dict["NAME"]
        for table in _tables(old):
            kept = _columns(old, table)
            if _rows(old, table, kept) != _rows(new, table, kept):
                lost.append(table)
    _tell(lost)


def loaded(before: str) -> None:
    """Into whatever engine: the tables of then, the rows, and what came since."""
    lost = []
    for alias, old in _dumps(before):
        _migrate_as_then(alias, old)
        for table in _tables(old):
            _insert(alias, old, table)
        call_command("migrate", database=alias, verbosity=0)
        lost += [t for t in _tables(old) if _count(alias, t) != len(_rows(old, t))]
    root = settings.PULSAR.storage.root
    shutil.copytree(Path(before) / "storage", root, dirs_exist_ok=True)
    _tell(lost)


def _tell(lost: list[str]) -> None:
    call_command("prepare", stdout=io.StringIO())
    browser = Client(SERVER_NAME="localhost", raise_request_exception=False)
    browser.force_login(User.objects.get(username="ana"))
    file = BatchFile.objects.order_by("pk").first()
    batch = f"/showroom/batches/{file.batch_id}/"
    pages = (*PAGES, batch, f"{batch}rows/1/")
    codes = {page: browser.get(page, follow=True).status_code for page in pages}
    is_there = file.path.is_file()
    print(json.dumps({"lost": lost, "pages": codes, "file": is_there}))  # noqa: T201


def _dumps(before: str) -> list[tuple[str, Path]]:
    return [(a, Path(before) / "databases" / f"{a}.sqlite3") for a in ALIASES]


def _tables(file: Path) -> list[str]:
    names = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    found = [name for (name,) in _ask(file, names)]
    return [n for n in found if n not in THEIRS and not n.startswith("sqlite_")]


def _columns(file: Path, table: str) -> str:
    return ", ".join(
        f'"{column[1]}"' for column in _ask(file, f"PRAGMA table_info({table})")
    )


def _rows(file: Path, table: str, columns: str = "*") -> list[tuple]:
    return sorted(_ask(file, f"SELECT {columns} FROM {table}"), key=repr)


def _ask(file: Path, question: str) -> list[tuple]:
    with closing(sqlite3.connect(file)) as database:
        return database.execute(question).fetchall()


def _migrate_as_then(alias: str, old: Path) -> None:
    """Make the tables as that release had them."""
    executor = MigrationExecutor(connections[alias])
    applied = set(_ask(old, "SELECT app, name FROM django_migrations"))
    nodes = executor.loader.graph.node_map
    inner = {
        parent.key
        for key in applied
        for parent in nodes[key].parents
        if parent.key[0] == key[0]
    }
    executor.migrate(sorted(applied - inner))


def _insert(alias: str, old: Path, table: str) -> None:
    connection, columns = connections[alias], _columns(old, table)
    found = _rows(old, table, columns)
    names = columns.replace('"', "`")
    marks = ", ".join(["%s"] * (columns.count(",") + 1))
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM `{table}`")
        cursor.executemany(f"INSERT INTO `{table}` ({names}) VALUES ({marks})", found)


def _count(alias: str, table: str) -> int:
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM `{table}`")
        return cursor.fetchone()[0]
