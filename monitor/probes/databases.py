"""Whether a database answers: connect, then ask a real table for nothing."""

from functools import partial
from pathlib import Path

from django.db import Error as DatabaseFailed
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from monitor.models import Check, Event
from monitor.probes.reading import Probe, Reading
from monitor.probes.steps import Steps

# Of a table that each of them has.
_ROWS = {"default": Check.objects.all(), "events": Event.objects.all()}


def probes() -> list[Probe]:
    """One for each of the site's own."""
    return [
        Probe(
            f"database-{alias}",
            Check.Kind.DATABASE,
            f"Database {alias}",
            partial(look, alias),
        )
        for alias in _ROWS
    ]


def look(alias: str) -> Reading:
    """Time each step; the driver says in its own words what went wrong."""
    steps = Steps()
    database = connections[alias]
    detail = {"engine": database.vendor}
    try:
        with steps.step("connect"):
            _refuse_to_make_a_file(database)
            database.ensure_connection()
        with steps.step("query"):
            # There is none such, and the table is read all the same.
            _ROWS[alias].using(alias).filter(pk__lt=0).exists()
    except DatabaseFailed:
        return steps.failed(detail)
    return Reading(Check.State.UP, steps.summary, steps.detail | detail, steps.took)


def _refuse_to_make_a_file(database: BaseDatabaseWrapper) -> None:
    """To connect to SQLite is to make the file; an empty one helps nobody."""
    if database.vendor == "sqlite":
        file = Path(database.settings_dict["NAME"])
        if not file.is_file():
            raise OperationalError(f"there is no file {file}")
