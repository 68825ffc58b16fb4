"""Training runs: what was asked for, how far each is, and what came of it."""

from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse

from monitor.metrics.add import add
from monitor.work import Queue, State, Work
from registry.models.dataset import Dataset
from registry.models.version import Version


class Experiment(models.Model):
    """A question to which several runs are an answer."""

    name = models.CharField(max_length=80, unique=True)
    description = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    def __str__(self) -> str:
        return self.name


class TrainingRun(Work):
    """One execution of the training pipeline: ends as a version, or says why not."""

    class Source(models.TextChoices):
        PAGE = "page", "a page"
        COMMAND = "command", "a command"
        TRIGGER = "trigger", "a trigger"

    class Algorithm(models.TextChoices):
        FOREST = "random_forest", "Random Forest"
        BOOSTED = "gradient_boosting", "histogram gradient boosting"
        LOGISTIC = "logistic_regression", "logistic regression"

    class Policy(models.TextChoices):
        STRATIFIED = "stratified", "stratified folds"
        GROUPED = "grouped", "grouped by pointing"
        TIME = "time", "later year"

    TASK: ClassVar[str] = "registry.tasks.train"
    EVENTS: ClassVar[dict[State, str]] = {
        State.QUEUED: "training.resumed",
        State.FAILED: "training.failed",
        State.CANCELLED: "training.cancelled",
    }
    ALONG: ClassVar[dict[State, dict[str, object]]] = {
        state: {"place": None}
        for state in (
            State.QUEUED,
            State.UP_FOR_RETRY,
            State.SUCCESS,
            State.FAILED,
            State.CANCELLED,
        )
    }

    queue = models.CharField(max_length=12, choices=Queue, default=Queue.HEAVY)
    experiment = models.ForeignKey(Experiment, models.PROTECT, related_name="runs")
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="runs")
    # The model whose next version it makes.
    model = models.SlugField(max_length=60, default="pulsar")
    algorithm = models.CharField(
        max_length=30, choices=Algorithm, default=Algorithm.FOREST
    )
    # What differs from the algorithm's defaults; and lists of what is to be tried.
    parameters = models.JSONField(default=dict)
    search = models.JSONField(default=dict)
    policy = models.CharField(max_length=12, choices=Policy, default=Policy.GROUPED)
    seed = models.PositiveIntegerField(default=0)
    # The share of pulsars that its threshold is to find.
    recall = models.FloatField(default=0.92)
    source = models.CharField(max_length=10, choices=Source, default=Source.PAGE)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    git_commit = models.CharField(max_length=64, blank=True)
    packages = models.JSONField(default=dict)
    tags = models.JSONField(default=list)
    notes = models.TextField(blank=True)
    # NULL when it does not work: `training.max_parallel` places, each taken once.
    place = models.PositiveSmallIntegerField(null=True, unique=True)
    # When it last asked for a place in vain.
    asked_at = models.DateTimeField(null=True)
    # Beside which version it is judged: the champion when it first started.
    champion = models.ForeignKey(Version, models.SET_NULL, null=True, related_name="+")
    # The step at work, how much of it is done, in words.
    progress = models.JSONField(default=dict)
    # What the search chose, and the figures by name, for lists and charts.
    chosen = models.JSONField(default=dict)
    metrics = models.JSONField(default=dict)
    version = models.ForeignKey(
        Version, models.SET_NULL, null=True, related_name="training_runs"
    )

    class Meta:
        indexes = [
            models.Index(fields=["state", "lease_until"], name="training_work"),
            models.Index(fields=["experiment", "created_at"], name="training_of"),
            models.Index(fields=["created_at"], name="training_at"),
        ]

    def __str__(self) -> str:
        return f"training {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("registry:run", args=[self.pk])

    def count_end(self, state: State) -> None:
        """Count how trainings end; one that goes on ends once more."""
        add("training_runs", model=self.model, state=str(state))

    @property
    def folder(self) -> Path:
        """Where its steps leave their files."""
        root: Path = settings.PULSAR.storage.root
        return root / "training" / str(self.pk)


class TrainingStep(models.Model):
    """One step of a run: what went in, what came out, how long, how often tried."""

    class Name(models.TextChoices):
        LOAD = "load", "Load"
        SPLIT = "split", "Split"
        FIT = "fit", "Fit"
        THRESHOLD = "threshold", "Threshold"
        EVALUATE = "evaluate", "Evaluate"
        SLICE = "slice", "Slices"
        EXPLAIN = "explain", "Explain"
        REGISTER = "register", "Register"

    run = models.ForeignKey(TrainingRun, models.CASCADE, related_name="steps")
    # Of the rehearsal on a few rows, before the run itself.
    rehearsal = models.BooleanField(default=False)
    name = models.CharField(max_length=10, choices=Name)
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    reason = models.CharField(max_length=500, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # Of everything that it reads: with the same inputs it is not done again.
    inputs_sha256 = models.CharField(max_length=64, blank=True)
    # Name, size and sha256 of each file that it left.
    outputs = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "rehearsal", "name"], name="training_step_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run}, {self.name}"

    @property
    def took(self) -> timedelta | None:
        """How long its last attempt lasted."""
        if not self.started_at or not self.finished_at:
            return None
        # A clock may be put back meanwhile.
        return max(timedelta(0), self.finished_at - self.started_at)
