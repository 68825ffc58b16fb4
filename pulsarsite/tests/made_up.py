"""A small made-up site with a row in every table: each release keeps a back-up of one.

docs/operations.md, Upgrade, has the commands. No row of it is of HTRU2, and nobody in
it is a person.
"""

import shutil
import tarfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import models
from django.test import Client

from accounts.models import User
from monitor.events import record
from monitor.models import Start
from monitor.pump import pump
from pulsarsite.backup.manifest import Manifest

DUMPS = Path(__file__).parent / "data"
AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
_HEADER = "prof_mean,prof_std,prof_skew,prof_exkurt,dm_mean,dm_std,dm_skew,dm_exkurt"
_ROWS = ("50,38,3.1,15,50,55,2.5,10.{n}", "115,47,0.2,0.{n},2.6,18,9,95")
_CASE = dict(zip(_HEADER.split(","), (50, 38, 3.1, 15, 50, 55, 2.5, 10), strict=True))
# What a page could not show otherwise, by the field's name.
_NAMED = {"cron": "0 3 * * *"}
# What any other field without a default gets, by the first kind that fits.
_VALUES = (
    (models.UUIDField, UUID(int=1)),
    (models.DateTimeField, AT),
    (models.DateField, AT.date()),
    (models.DurationField, AT - AT),
    (models.BooleanField, True),
    (models.JSONField, {}),
    (models.TextField, "made up"),
    (models.GenericIPAddressField, "127.0.0.1"),
    (models.CharField, "made-up"),
    (models.BinaryField, b"made up"),
    (models.FloatField, 0.5),
    (models.IntegerField, 1),
)


def keep(name: str) -> None:
    """Fill the site that is configured, back it up, and keep that for the tests."""
    fill()
    with TemporaryDirectory() as folder:
        made = Path(folder) / name
        # Of what is made up there is no file, which it says at its end.
        with suppress(CommandError):
            call_command("backup", made)
        pack(made)


def pack(made: Path) -> None:
    """Make one file of a back-up, without the shipped models: each site has those."""
    manifest = Manifest.read(made)
    files = manifest.files.items()
    kept = {k: file for k, file in files if not k.startswith("storage/models/")}
    (made / "manifest.json").unlink()
    manifest._replace(files=kept).write(made)
    shutil.rmtree(made / "storage" / "models")
    with tarfile.open(DUMPS / f"{made.name}.tar.xz", "w:xz") as archive:
        archive.add(made, made.name)


def fill() -> None:
    """Do what people do, and put one row into each table that is empty still."""
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(_admin())
    for n in range(2):
        table = "\n".join([_HEADER, *(row.format(n=n) for row in _ROWS)])
        files = [ContentFile(table.encode(), name=f"sky-{n}.csv")]
        assert browser.post("/showroom/", {"files": files}).status_code == 302
    assert browser.post("/showroom/cases/", _CASE).status_code in {200, 302}
    call_command("seal_cases")
    pump()
    record("clock.started", about="clock made-up")
    # Whose rows others refer to first: as many rounds as it takes.
    while [model for model in _empty() if _put(model)]:
        pass
    Start.objects.update(host="made-up")


def _admin() -> User:
    user = User.objects.create_user("ana", password="made up", email="ana@example.org")
    user.is_superuser = True
    user.save()
    user.groups.set(Group.objects.all())
    return user


def _empty() -> list[type[models.Model]]:
    every = apps.get_models(include_auto_created=True)
    kept = [model for model in every if model._meta.managed]
    return [model for model in kept if not model._default_manager.exists()]


def _put(model: type[models.Model]) -> bool:
    """Put a row into it, if there is one of each that it must refer to."""
    values = {}
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey):
            other = field.related_model._default_manager.order_by("pk").first()
            if other is None and not field.null:
                return False
            values[field.attname] = other and other.pk
        elif not (field.primary_key and isinstance(field, models.AutoField)):
            values[field.attname] = _value(field)
    model._default_manager.bulk_create([model(**values)])
    return True


def _value(field: models.Field) -> Any:
    if field.name in _NAMED:
        return _NAMED[field.name]
    if field.has_default():
        return field.get_default()
    if field.choices:
        return field.choices[0][0]
    if field.blank and isinstance(field, models.CharField | models.TextField):
        return ""  # a zone, or what else may not be any text
    value = next(value for kind, value in _VALUES if isinstance(field, kind))
    return value[: field.max_length] if isinstance(value, str) else value
