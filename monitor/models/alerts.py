"""What is told when something breaks: rules, alerts, whom, and what became of it."""

from uuid import uuid4

from django.db import models
from django.urls import reverse
from django.utils import timezone

from monitor.models.checks import Check


class Severity(models.TextChoices):
    """How much it matters."""

    WARNING = "warning"
    CRITICAL = "critical"


class Channel(models.Model):
    """A way to tell somebody."""

    class Kind(models.TextChoices):
        """By what it is told."""

        MAIL = "mail"
        WEBHOOK = "webhook", "signed webhook"
        APPRISE = "apprise", "apprise address"

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=8, choices=Kind)
    # May hold a token: shown to nobody again.
    address = models.TextField()
    # Signs what a webhook is sent.
    secret = models.CharField(max_length=100, blank=True)
    on = models.BooleanField(default=True)
    least = models.CharField(max_length=8, choices=Severity, default=Severity.WARNING)
    night_report = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.name


class Rule(models.Model):
    """When an alert is opened, and who is told."""

    class Condition(models.TextChoices):
        """What must hold."""

        DOWN = "down", "is down"
        STALE = "stale", "has no fresh reading"
        ABOVE = "above", "is above"
        BELOW = "below", "is below"

    name = models.CharField(max_length=100)
    # The name of one that came with the site; NULL for those that people made.
    shipped = models.SlugField(max_length=50, unique=True, null=True)  # noqa: DJ001  # many have none
    on = models.BooleanField(default=True)
    condition = models.CharField(max_length=8, choices=Condition)
    # Of checks: one, or all of a kind, or all.
    kind = models.CharField(max_length=12, choices=Check.Kind, blank=True)
    slug = models.SlugField(max_length=100, blank=True)
    # Of figures: the name of the samples, and the bound.
    figure = models.CharField(max_length=64, blank=True)
    value = models.FloatField(null=True, blank=True)
    # How long it must hold.
    for_seconds = models.PositiveIntegerField(default=0)
    severity = models.CharField(
        max_length=8, choices=Severity, default=Severity.WARNING
    )
    tells_all = models.BooleanField(default=True)
    channels = models.ManyToManyField(Channel, blank=True, related_name="rules")
    revision = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("monitor:rule", args=[self.pk])


class Alert(models.Model):
    """One cause that needs somebody, from its first sign to its end."""

    class State(models.TextChoices):
        """Whether somebody has seen to it."""

        OPEN = "open"
        ACKNOWLEDGED = "acknowledged"
        CLOSED = "closed"

    # The slug of a check, or the name of a figure with its labels.
    cause = models.CharField(max_length=200)
    # NULL when closed: one cause has one alert.
    live = models.BooleanField(null=True, default=True)
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    severity = models.CharField(max_length=8, choices=Severity)
    title = models.CharField(max_length=200)
    subject = models.ForeignKey(
        Check, models.SET_NULL, null=True, related_name="alerts"
    )
    rule = models.ForeignKey(Rule, models.SET_NULL, null=True, related_name="alerts")
    # The alert that explains this one; nobody is told of it apart.
    because = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="dependents"
    )
    # Since when its condition holds; it is opened when that has lasted.
    begun_at = models.DateTimeField()
    opened_at = models.DateTimeField(default=timezone.now)
    # When word of it was given out.
    told_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=64, blank=True)
    note = models.CharField(max_length=300, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=64, blank=True)
    # The rule in words, the numbers, and the rows they come from.
    evidence = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cause", "live"], name="alert_live_once"),
        ]
        indexes = [models.Index(fields=["opened_at"], name="alert_opened_at")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("monitor:alert", args=[self.pk])


class Delivery(models.Model):
    """One message to one channel, tried until it arrives or is given up."""

    class State(models.TextChoices):
        """What became of it."""

        QUEUED = "queued"
        SENT = "sent"
        MERGED = "merged", "in a digest"
        FAILED = "failed", "given up"

    class What(models.TextChoices):
        """What it tells."""

        OPENED = "opened"
        RECOVERED = "recovered"
        DIGEST = "digest"
        TEST = "test"
        REPORT = "report", "night report"

    # By which a receiver knows a message that comes again.
    uuid = models.UUIDField(unique=True, default=uuid4, editable=False)
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="deliveries")
    what = models.CharField(max_length=10, choices=What)
    alert = models.ForeignKey(
        Alert, models.CASCADE, null=True, related_name="deliveries"
    )
    digest = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="merged"
    )
    subject = models.CharField(max_length=200)
    text = models.TextField()
    # What a webhook is sent; and a mail's other form.
    body = models.JSONField(default=dict, blank=True)
    html = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    created_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)
    # Not before: after a failure it waits, and while it is sent nobody else does.
    next_at = models.DateTimeField(default=timezone.now)
    error = models.CharField(max_length=500, blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["state", "next_at"], name="delivery_due"),
            models.Index(fields=["created_at"], name="delivery_created_at"),
        ]

    def __str__(self) -> str:
        return f"{self.what} to {self.channel}"

    @property
    def is_stuck(self) -> bool:
        """Whether somebody may want it tried at once."""
        tried = self.state == self.State.QUEUED and self.tries > 0
        return tried or self.state == self.State.FAILED
