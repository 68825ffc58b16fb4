"""Whether this code, as it is configured, can go on with a back-up."""

from pathlib import Path

from django.db import connections
from django.db.migrations.loader import MigrationLoader

from pulsarsite.backup.errors import CannotRestore
from pulsarsite.backup.manifest import Manifest

_NAMES = {"sqlite": "SQLite", "mysql": "MariaDB or MySQL"}


def refuse_if_not(folder: Path, made: Manifest) -> None:
    """Raise CannotRestore where its tables would not be understood, or not taken."""
    for alias, held in made.databases.items():
        now = connections[alias].vendor
        if held.engine != now:
            raise CannotRestore(
                f"{folder} holds the database {alias} of "
                f"{_NAMES.get(held.engine, held.engine)}, and databases.{alias}.url "
                f"names {_NAMES[now]}. Restore it with the engine that it is of, and "
                "then move the site (docs/operations.md, MariaDB)."
            )
    if unknown := _unknown(made):
        raise CannotRestore(
            f"{folder} was made by a newer pulsarsite ({made.version}): this one does "
            f"not know {', '.join(unknown)}. Restore it with that version or a later."
        )


def _unknown(made: Manifest) -> list[str]:
    """Migrations that were applied to it and that this code has not."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    known = {".".join(key) for key in loader.disk_migrations}
    applied = {name for held in made.databases.values() for name in held.migrations}
    return sorted(applied - known)
