"""Which table lives in which database: events apart, everything else together."""

from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models

EVENT = "monitor.event"


class NoTargetDatabase(Exception):
    """A data migration does not say which database it means."""


class Router:
    """Event on `events`, all other models on `default`."""

    def db_for_read(self, model: type[models.Model], **_hints: Any) -> str:
        return _home(model._meta.label_lower)  # noqa: SLF001  # Django's public API

    def db_for_write(self, model: type[models.Model], **_hints: Any) -> str:
        return _home(model._meta.label_lower)  # noqa: SLF001  # Django's public API

    def allow_migrate(
        self,
        db: str,
        app_label: str,
        model_name: str | None = None,
        target_db: str | None = None,
        **_hints: Any,
    ) -> bool:
        if model_name is not None:
            return db == _home(f"{app_label}.{model_name}".lower())
        if target_db is None and _is_ours(app_label):
            # It would run on both databases, on one of them without its tables.
            raise NoTargetDatabase(
                f"A RunPython or RunSQL of {app_label} lacks "
                'hints={"target_db": "default"} (or "events").'
            )
        return db == (target_db or "default")


def _home(label: str) -> str:
    return "events" if label == EVENT else "default"


def _is_ours(app_label: str) -> bool:
    folder = Path(apps.get_app_config(app_label).path)
    return folder.parent == settings.BASE_DIR
