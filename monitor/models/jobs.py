"""Jobs: what should run when, whether it is switched on, and its signs of life."""

from django.db import models
from django.utils import timezone


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
    # What its command is told besides when a person wants it now.
    at_once = models.JSONField(default=list, blank=True)
    # Nothing was expected of it before.
    since = models.DateTimeField(default=timezone.now)

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


class Start(models.Model):
    """One start of a job: where, when, and how it ended."""

    class Outcome(models.TextChoices):
        """How a start ended; one without is still at work, or was killed."""

        SUCCEEDED = "succeeded"
        FAILED = "failed"
        # It ended well, and left its work to the one that was at it.
        REFUSED = "refused"

    job = models.SlugField(max_length=64)
    at = models.DateTimeField(default=timezone.now)
    # A number of a user who wanted it at once, or words; empty by the clock.
    by = models.CharField(max_length=64, blank=True)
    host = models.CharField(max_length=100)
    pid = models.PositiveIntegerField()
    # Since when the process lives, in seconds after its host began: another may have
    # its number now.
    process_at = models.FloatField(null=True)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    exit = models.SmallIntegerField(null=True)
    duration = models.FloatField(null=True, help_text="Seconds, by a steady clock.")
    detail = models.TextField(blank=True)
    # Where what it did can be looked at.
    page = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["job", "at"], name="start_job_at"),
            models.Index(fields=["at"], name="start_at"),
            # Those at work are few among many.
            models.Index(fields=["ended_at"], name="start_ended_at"),
        ]

    def __str__(self) -> str:
        return f"{self.job} at {self.at:%Y-%m-%d %H:%M:%S}"
