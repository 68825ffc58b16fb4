"""What happened: the outbox, and the log to which it goes."""

import uuid
from typing import Any, NoReturn

from django.db import models
from django.utils import timezone


class AppendOnly(Exception):
    """Something tried to change the past."""


class Happening(models.Model):
    """What the outbox and the event log both hold of one event."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=64)
    who = models.CharField(max_length=64, blank=True)
    about = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.kind} {self.about}".rstrip()


class Outbox(Happening):
    """An event that still waits for its way into the log."""

    class Meta:
        verbose_name_plural = "outbox"
        indexes = [models.Index(fields=["at", "id"], name="outbox_at")]


class EventQuerySet(models.QuerySet["Event"]):
    """Events are read and added; nothing else."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnly("An event that was logged is never changed.")

    def delete(self) -> NoReturn:
        raise AppendOnly("An event that was logged is never deleted.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("An event that was logged is never changed.")


class Event(Happening):
    """One line of the event log; it lives in the database `events`."""

    objects = EventQuerySet.as_manager()

    class Meta:
        # Each ends in (at, id), the order of the page, so that the newest of a
        # million are found without sorting.
        indexes = [
            models.Index(fields=["at", "id"], name="event_at"),
            models.Index(fields=["kind", "at", "id"], name="event_kind_at"),
            models.Index(fields=["about", "at", "id"], name="event_about_at"),
            models.Index(fields=["who", "at", "id"], name="event_who_at"),
            models.Index(fields=["kind", "who", "at", "id"], name="event_kind_who_at"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("An event that was logged is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("An event that was logged is never deleted.")
