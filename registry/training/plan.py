"""What the steps of a training are told; its time is fixed when it first starts."""

from pathlib import Path

from django.conf import settings
from django.db import transaction

from monitor import claims
from monitor.events import record
from pulsar_ml.datasets.store import ROWS
from pulsar_ml.training import folder as files
from pulsar_ml.training import plan as plans
from registry.models import Alias, Dataset, Sentinel, TrainingRun, Version
from registry.training import source

# Candidates and pulsars of the whole of HTRU2, which published figures are about.
_HTRU2 = (17_898, 1_639)


def lay(run: TrainingRun) -> None:
    """Write what the run and its rehearsal are to do.

    At each start: who became a sentinel since must not be trained on either.
    """
    _remember(run)
    rows = settings.PULSAR.training.rehearsal_rows
    plans.write(rehearsal(run), _plan(run, rehearsal=rows))
    plans.write(run.folder, _plan(run))


def rehearsal(run: TrainingRun) -> Path:
    """Where the rehearsal leaves its files."""
    return run.folder / plans.REHEARSAL


def _remember(run: TrainingRun) -> None:
    """Put on record what it runs with; and once, beside which version it is judged."""
    is_first = not run.packages
    run.packages, run.git_commit = source.packages(), source.commit()
    if is_first:
        run.champion = _champion(run.model)
    with transaction.atomic():
        claims.keep(
            run,
            packages=run.packages,
            git_commit=run.git_commit,
            champion=run.champion,
        )
        if is_first:
            record(
                "training.started",
                about=str(run),
                who=run.by_id,
                dataset=str(run.dataset),
                commit=run.git_commit,
            )


def _champion(model: str) -> Version | None:
    alias = Alias.objects.filter(model__name=model, name="champion")
    found = alias.select_related("version__model").first()
    return found.version if found else None


def _plan(run: TrainingRun, rehearsal: int | None = None) -> plans.Plan:
    wanted = settings.PULSAR.training
    present = Sentinel.objects.filter(removed_at=None)
    return plans.Plan(
        created=_created(run),
        dataset=_dataset(run.dataset),
        algorithm=run.algorithm,
        parameters=run.parameters,
        search=run.search,
        policy=run.policy,
        seed=run.seed,
        recall=run.recall,
        threads=wanted.threads,
        max_candidates=wanted.max_candidates,
        sentinels=sorted(present.values_list("hash", flat=True)),
        champion=_about(run.champion),
        rehearsal=rehearsal,
        model=run.model,
    )


def _created(run: TrainingRun) -> str:
    """The time that its card will have, however often it is taken up again."""
    before = run.folder / plans.PLAN
    if before.is_file():
        return str(files.read_json(before)["created"])
    return run.started_at.isoformat(timespec="seconds") if run.started_at else ""


def _dataset(dataset: Dataset) -> plans.Dataset:
    return plans.Dataset(
        path=str(dataset.folder / ROWS),
        sha256=dataset.sha256,
        name=dataset.name,
        number=dataset.number,
        htru2=(dataset.n_rows, dataset.n_pulsars) == _HTRU2,
    )


def _about(version: Version | None) -> plans.Champion | None:
    if version is None:
        return None
    return plans.Champion(
        name=str(version), folder=str(version.folder), sha256=version.sha256
    )
