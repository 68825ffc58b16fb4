"""What happened, and the signs of life that say whether all is well."""

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


class Lease(models.Model):
    """Who may do what only one process should do at a time, and until when."""

    name = models.CharField(max_length=64, primary_key=True)
    holder = models.CharField(max_length=64)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} until {self.until:%H:%M:%S}"


class Job(models.Model):
    """What an app declared: when it should run, by which command, how long."""

    slug = models.SlugField(max_length=64, unique=True)
    cron = models.CharField(max_length=120)
    argv = models.JSONField()
    page = models.CharField(max_length=200)
    sweep = models.BooleanField(default=False)
    start_within = models.PositiveIntegerField(help_text="Seconds after its time.")
    finish_within = models.PositiveIntegerField(help_text="Seconds after its start.")
    # Declared in code; the others come and go with what people make.
    built_in = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.slug


class Switch(models.Model):
    """A job was switched on or off, by a person, by its time, or by a hand edit."""

    job = models.SlugField(max_length=64)
    on = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)
    # A number of a user, or words: a hand edit, or the end of a pause.
    who = models.CharField(max_length=64)
    reason = models.CharField(max_length=300, blank=True)
    # When a pause ends by itself.
    until = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "switches"
        indexes = [models.Index(fields=["job", "at"], name="switch_job_at")]

    def __str__(self) -> str:
        return f"{self.job} {'on' if self.on else 'off'}"


class Skip(models.Model):
    """A person wants a job left out at one coming moment."""

    job = models.SlugField(max_length=64)
    # The moment at which it would have started.
    slot = models.DateTimeField()
    who = models.CharField(max_length=64)
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "slot"], name="skip_once"),
        ]

    def __str__(self) -> str:
        return f"{self.job} at {self.slot:%Y-%m-%d %H:%M}"


class Ping(models.Model):
    """The last sign of life of a job."""

    slug = models.SlugField(max_length=64, unique=True)
    started_at = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    duration = models.FloatField(null=True, help_text="Seconds the last run took.")
    detail = models.TextField(blank=True)
    failing = models.BooleanField(default=False)
    by = models.CharField(max_length=200, blank=True, help_text="Who holds the clock.")

    def __str__(self) -> str:
        return self.slug


class Sample(models.Model):
    """One measured figure at one moment."""

    name = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)
    value = models.FloatField()
    labels = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["name", "at"], name="sample_name_at"),
            models.Index(fields=["at"], name="sample_at"),
        ]

    def __str__(self) -> str:
        return f"{self.name} = {self.value}"
