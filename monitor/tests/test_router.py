"""Which table lives where, on a real migration loader."""

import shutil
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from monitor.models import Lease
from monitor.router import NoTargetDatabase

pytestmark = pytest.mark.engines

ALIASES = ("default", "events")

DATA_MIGRATION = """
from django.db import migrations


def note(apps, schema_editor):
    apps.get_model("monitor", "Lease").objects.create(
        name=f"ran on {schema_editor.connection.alias}", until="2026-01-01T00:00Z"
    )


class Migration(migrations.Migration):
    dependencies = [("monitor", "0001_initial")]
    operations = [migrations.RunPython(note, HINTS)]
"""


@pytest.fixture
def migrate(tmp_path: Path, settings, monkeypatch):
    """Run a data migration of the monitor on one database."""
    package = tmp_path / f"migrations_{uuid4().hex}"
    real = Path(apps.get_app_config("monitor").path) / "migrations"
    shutil.copytree(real, package)
    monkeypatch.syspath_prepend(tmp_path)
    settings.MIGRATION_MODULES = {"monitor": package.name}
    recorders = [MigrationRecorder(connections[alias]) for alias in ALIASES]
    # The tables of tests are made as the models say, and by no migration.
    for recorder in recorders:
        recorder.record_applied("monitor", "0001_initial")

    def run(alias: str, hints: str) -> None:
        source = DATA_MIGRATION.replace("HINTS", hints)
        (package / "0002_note.py").write_text(source)
        executor = MigrationExecutor(connections[alias])
        executor.migrate([("monitor", "0002_note")])

    yield run
    for recorder in recorders:
        for name in ("0001_initial", "0002_note"):
            recorder.record_unapplied("monitor", name)


@pytest.mark.django_db
def test_events_live_in_their_own_database_and_all_else_in_the_other():
    ours = {m._meta.db_table for m in apps.get_models(include_auto_created=True)}
    tables = {
        alias: set(connections[alias].introspection.table_names()) & ours
        for alias in ALIASES
    }
    assert tables == {"default": ours - {"monitor_event"}, "events": {"monitor_event"}}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("alias", ALIASES)
def test_a_data_migration_that_names_no_database_is_refused(migrate, alias):
    with pytest.raises(NoTargetDatabase, match="of monitor lacks"):
        migrate(alias, "hints={}")
    assert list(Lease.objects.all()) == []


@pytest.mark.django_db(transaction=True)
def test_a_data_migration_runs_on_the_database_it_names_alone(migrate):
    for alias in ("events", "default"):
        migrate(alias, 'hints={"target_db": "default"}')
    assert [lease.name for lease in Lease.objects.all()] == ["ran on default"]
