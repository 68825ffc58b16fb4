"""What starts a retraining by itself, why it did or did not, and what came of it."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse

from registry.models.comparison import Comparison
from registry.models.dataset import Build
from registry.models.training import TrainingRun
from registry.models.version import Version


class Trigger(models.Model):
    """A reason to retrain that is looked at again and again."""

    class Kind(models.TextChoices):
        BUTTON = "button", "a button"
        SCHEDULE = "schedule", "the clock"
        LABELS = "labels", "new labels"
        DATASET = "dataset", "a newer dataset"
        DRIFT = "drift", "drift"
        HIT_RATE = "hit_rate", "the hit rate"

    class Policy(models.TextChoices):
        NOTIFY = "notify", "tell that there is a challenger"
        APPROVE = "approve", "ask an admin to promote it"
        AUTO = "auto", "promote it if the gate lets it pass"

    name = models.CharField(max_length=80, unique=True)
    model = models.SlugField(max_length=60, default="pulsar")
    kind = models.CharField(max_length=10, choices=Kind)
    is_on = models.BooleanField(default=True)
    policy = models.CharField(max_length=8, choices=Policy, default=Policy.NOTIFY)
    # What its kind asks for: cron; number or share; sample, bound, for how long.
    condition = models.JSONField(default=dict)
    # How it trains: algorithm, parameters, policy, recall; as the last one if empty.
    training = models.JSONField(default=dict)
    cool_down_hours = models.PositiveIntegerField(
        default=24, validators=[MinValueValidator(1), MaxValueValidator(8760)]
    )
    daily_cap = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(24)]
    )
    created_at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    # What came before it is no reason.
    since = models.DateTimeField()
    evaluated_at = models.DateTimeField(null=True)
    fired_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    # Of two people who change it at once, the second is told of the first.
    revision = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("registry:trigger", args=[self.pk])


class Decision(models.Model):
    """One look of a trigger: what it saw, and what followed."""

    class Outcome(models.TextChoices):
        FIRED = "fired"
        NOT_DUE = "not_due", "no reason"
        COOLING = "cooling", "cooling down"
        CAPPED = "capped", "daily cap reached"
        BUSY = "busy", "a retraining is under way"
        ENVIRONMENT = "environment", "the input is at fault"
        CANNOT = "cannot", "cannot retrain"

    trigger = models.ForeignKey(Trigger, models.CASCADE, related_name="decisions")
    # The first and the last of looks in a row with the same outcome and reason.
    at = models.DateTimeField()
    last_at = models.DateTimeField()
    n = models.PositiveIntegerField(default=1)
    outcome = models.CharField(max_length=12, choices=Outcome)
    reason = models.CharField(max_length=500)
    figures = models.JSONField(default=dict)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["trigger", "at"], name="decision_at")]

    def __str__(self) -> str:
        return f"decision {self.pk}"


class Retraining(models.Model):
    """From a trigger's shot to a challenger: frozen, trained, compared, and then?"""

    class Stage(models.TextChoices):
        FREEZING = "freezing"
        TRAINING = "training"
        COMPARING = "comparing"
        WAITING = "waiting", "waits for an admin"
        PROMOTED = "promoted"
        # There is a challenger, and nothing more was asked for.
        OFFERED = "offered"
        REFUSED = "refused", "refused by the gate"
        DECLINED = "declined", "declined by an admin"
        FAILED = "failed"

    trigger = models.ForeignKey(Trigger, models.PROTECT, related_name="retrainings")
    decision = models.OneToOneField(Decision, models.PROTECT, related_name="retraining")
    model = models.SlugField(max_length=60)
    policy = models.CharField(max_length=8, choices=Trigger.Policy)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.FREEZING)
    reason = models.CharField(max_length=500, blank=True)
    # NULL at its end: one a model is under way.
    open = models.BooleanField(null=True, default=True)
    build = models.ForeignKey(Build, models.SET_NULL, null=True, related_name="+")
    run = models.ForeignKey(TrainingRun, models.SET_NULL, null=True, related_name="+")
    version = models.ForeignKey(Version, models.SET_NULL, null=True, related_name="+")
    comparison = models.ForeignKey(
        Comparison, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    # Who promoted or declined its challenger, where a person did.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["model", "open"], name="retraining_one_open"
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="retraining_at")]

    def __str__(self) -> str:
        return f"retraining {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("registry:retraining", args=[self.pk])
